//! `snapshot` and `thaw` where nothing is to be had: each says what is wrong, and changes nothing. What they do is shown by
//! `checks/engines/run`, with a real Podman on a real Btrfs.

mod common;

use std::path::Path;

use common::{Run, run};

const DECLARATION: &str = r#"{"filesystems": {"tank": {"disks": ["/dev/disk/by-id/a"], "mountPoint": "/nowhere/tank"}},
    "policies": {"hourly": {"rpo": "1h", "keep": {"hourly": 24}}},
    "workloads": {"shop": {"containers": {"pg": {}}, "protection": {"policy": "hourly"},
        "volumes": {"pgdata": {"mounts": {"pg": "/data"}}}}}}"#;

fn planned() -> tempfile::TempDir {
    let directory = common::directory_with("host.json", DECLARATION);
    let done = run(directory.path(), &["plan", "host.json", "--out", "out"]);
    assert_eq!(done.code, 0, "{}", done.shown());
    directory
}

fn snapshot(directory: &Path, more: &[&str]) -> Run {
    let fixed = ["snapshot", "out/plan.json", "--work-directory", "work"];
    run(directory, &[&fixed, more].concat())
}

#[test]
fn what_is_not_in_the_plan_is_named() {
    let directory = planned();
    for (arguments, told) in [
        (&["store"][..], "the plan has no workload `store`"),
        (&["shop@2"], "the plan has no workload `shop@2`"),
        (&["../shop"], "the plan has no workload `../shop`"),
        (
            &["--job", "weekly"],
            "the plan has no run of a job `weekly`",
        ),
        (&["shop", "--reason", "by hand"], "`by hand` is no reason"),
        (&["shop", "--reason", "$(reboot)"], "is no reason"),
        (&[], "required"),
    ] {
        let done = snapshot(directory.path(), arguments);
        assert_eq!(done.code, 2, "{}", done.shown());
        assert!(done.stderr.contains(told), "{}", done.shown());
    }
}

#[test]
fn a_filesystem_that_is_not_mounted_is_told_and_nothing_is_done() {
    let directory = planned();
    for more in [&["shop"][..], &["shop", "--dry-run"]] {
        let done = snapshot(directory.path(), more);
        assert_eq!(done.code, 2, "{}", done.shown());
        assert!(
            done.stderr.contains("is not mounted as planned"),
            "{}",
            done.shown()
        );
    }
    let done = snapshot(directory.path(), &["shop", "--format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(told[0]["outcome"], "failed", "{}", done.shown());
    assert!(!directory.path().join("work/frozen").exists());
}

#[test]
fn thaw_says_that_nothing_stands_still_and_leaves_what_it_does_not_understand() {
    let directory = planned();
    let thaw = || run(directory.path(), &["thaw", "--work-directory", "work"]);
    let done = thaw();
    assert_eq!(
        (done.code, done.stdout.as_str()),
        (0, "already: nothing stands still\n")
    );
    let file = directory.path().join("work/frozen/x.json");
    std::fs::create_dir(directory.path().join("work/frozen")).unwrap();
    for text in [
        "",
        "{\"frozenVersion\": 2}",
        "{\"frozenVersion\": 1, \"containers\": [\"--all\"]}",
    ] {
        std::fs::write(&file, text).unwrap();
        let done = thaw();
        assert_eq!(done.code, 2, "{}", done.shown());
        assert!(done.stderr.contains("podman unpause"), "{}", done.shown());
        assert!(file.exists(), "{text} is gone");
    }
}
