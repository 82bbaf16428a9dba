//! Rules and dashboard, against the metrics that there are.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use podman_btrfs_host::drill::Kind;
use podman_btrfs_host::metrics::FAMILIES;

const HOST: &str = r#"{
  "filesystems": {"tank": {"disks": ["/dev/disk/by-id/a"], "mountPoint": "/nowhere/tank"}},
  "workloads": {"shop": {"containers": {"web": {}}, "volumes": {"data": {"mounts": {"web": "/data"}}}}}
}"#;

/// A folder with the artefacts of a host.
fn written() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("host.json"), HOST).unwrap();
    let done = common::run(folder.path(), &["plan", "host.json", "--out", "out"]);
    assert_eq!(done.code, 0, "{}", done.shown());
    folder
}

/// Words of a text that are names of our series.
fn named(text: &str) -> BTreeSet<&str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(|c: char| !is_part(c))
        .filter(|word| word.starts_with("podman_btrfs_"))
        .collect()
}

#[test]
fn rules_and_dashboard_name_what_is_there_and_leave_nothing_out() {
    let folder = written();
    let read = |name: &str| {
        let path = folder.path().join("out/monitoring").join(name);
        std::fs::read_to_string(path).unwrap()
    };
    let both = read("prometheus-rules.yaml") + &read("grafana-dashboard.json");
    let there: BTreeSet<_> = FAMILIES.iter().map(|family| family.name).collect();
    let unknown: Vec<_> = named(&both).difference(&there).copied().collect();
    assert_eq!(unknown, Vec::<&str>::new(), "nothing prints these");
    // For people who look by themselves.
    let unused: Vec<_> = there.difference(&named(&both)).copied().collect();
    assert_eq!(
        unused,
        [
            "podman_btrfs_scrub_start_timestamp_seconds",
            "podman_btrfs_unallocated_bytes",
        ]
    );
}

/// Each kind of what a drill finds fires one alert, and no other has it.
#[test]
fn every_kind_of_a_drills_findings_is_in_one_alert() {
    let folder = written();
    let rules = folder.path().join("out/monitoring/prometheus-rules.yaml");
    let text = std::fs::read_to_string(rules).unwrap();
    let mut told: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_once("podman_btrfs_drill_failed{kind="))
        .flat_map(|(_, rest)| {
            rest.trim_start_matches('~')
                .split('"')
                .nth(1)
                .unwrap()
                .split('|')
        })
        .collect();
    told.sort_unstable();
    let mut kinds = Kind::ALL.map(Kind::name);
    kinds.sort_unstable();
    assert_eq!(told, kinds);
}

#[test]
fn what_is_unknown_is_told_and_ends_with_1() {
    let folder = written();
    let arguments = |more: &[&'static str]| {
        let mut all = vec!["metrics", "out/plan.json", "--receipts", "none"];
        all.extend(more);
        all
    };
    let printed = common::run(folder.path(), &arguments(&[]));
    assert_eq!(printed.code, 1, "{}", printed.shown());
    let shown = printed.shown();
    assert!(
        shown.contains("unknown: tank: mount: /nowhere/tank is not mounted as planned"),
        "{shown}"
    );
    assert!(
        shown.contains(r#"podman_btrfs_unknown{filesystem="tank",what="mount"} 1"#),
        "{shown}"
    );

    let written = common::run(folder.path(), &arguments(&["--textfile", "all.prom"]));
    assert_eq!(written.code, 1, "{}", written.shown());
    let text = std::fs::read_to_string(folder.path().join("all.prom")).unwrap();
    assert!(
        text.ends_with('\n') && named(&text).contains("podman_btrfs_unknown"),
        "{text}"
    );
    let nowhere = common::run(
        Path::new(folder.path()),
        &arguments(&["--textfile", "none/all.prom"]),
    );
    assert_eq!(nowhere.code, 2, "{}", nowhere.shown());
}
