//! The plan on a terminal and on disk.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::{directory_with, run, scenarios};
use expect_test::{expect, expect_file};

const HOST: &str = "{ filesystems.tank.device = \"/dev/disk/by-uuid/a\"; }";

#[test]
fn every_scenario_reads_well_in_80_columns() {
    for entry in std::fs::read_dir(scenarios()).unwrap() {
        let path = entry.unwrap().path();
        let file = path.join("host.nix");
        if !file.exists() {
            continue;
        }
        let run = run(&path, &["plan", "host.nix"]);
        // A scenario may show a declaration that is refused; its committed plan then says so.
        let committed = std::fs::read_to_string(path.join("plan.json")).unwrap();
        let refused = committed.contains("\"level\": \"error\"");
        assert_eq!(run.code, i32::from(refused), "{}", run.stderr);
        // Findings quote lines of the file, which may be longer.
        let plan = run
            .stdout
            .lines()
            .take_while(|line| !line.starts_with("PB"));
        for line in plan {
            assert!(line.chars().count() <= 80, "{}: {line}", path.display());
            assert_eq!(line, line.trim_end(), "{}", path.display());
        }
    }
}

#[test]
fn a_server_with_two_disks_reads_like_this() {
    let run = run(&scenarios().join("raid1-server"), &["plan", "host.nix"]);
    expect_file!["./raid1-server.txt"].assert_eq(&run.stdout);
}

#[test]
fn copies_are_told_in_one_line() {
    let run = run(&scenarios().join("high-density"), &["plan", "host.nix"]);
    assert!(run.stdout.contains("199 more copies"), "{}", run.stdout);
    assert!(run.stdout.lines().count() < 300, "{}", run.stdout);
}

#[test]
fn the_plan_as_json_is_the_committed_plan() {
    let directory = scenarios().join("raid1-server");
    let run = run(&directory, &["plan", "--format", "json", "host.nix"]);
    assert_eq!(
        run.stdout,
        std::fs::read_to_string(directory.join("plan.json")).unwrap()
    );
}

fn files(directory: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut pending: Vec<PathBuf> = vec![directory.to_owned()];
    while let Some(next) = pending.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let name = path.strip_prefix(directory).unwrap().display().to_string();
                files.insert(name, std::fs::read_to_string(path).unwrap());
            }
        }
    }
    files
}

#[test]
fn all_artefacts_are_written_and_listed() {
    let directory = directory_with("host.nix", HOST);
    let run = run(directory.path(), &["plan", "host.nix", "--out", "out"]);
    expect![[r#"
        --- stdout
        out/bundle.json
        out/containers.conf
        out/fstab
        out/monitoring/grafana-dashboard.json
        out/monitoring/prometheus-rules.yaml
        out/nixos.json
        out/plan.json
        out/report.md
        out/storage.conf
        out/tmpfiles.conf
        10 files written
        --- stderr
        PB505

          ☞ not said, so storage.conf holds only what Podman 4, 5 and 6 all know
           ╭─[host.nix:1:1]
         1 │ { filesystems.tank.device = "/dev/disk/by-uuid/a"; }
           · ┬
           · ╰── host.podman is not in here
           ╰────
          help: say what `podman --version` prints on the host

        1 note in host.nix; `podman-btrfs explain CODE` tells more
        --- exit 0
    "#]]
    .assert_eq(&run.shown());
    let written = files(&directory.path().join("out"));
    assert!(
        written["plan.json"].contains("\"planVersion\": 1"),
        "{written:?}"
    );
    assert!(
        written["fstab"].contains("/dev/disk/by-uuid/a"),
        "{written:?}"
    );
}

#[test]
fn a_second_run_replaces_what_the_first_one_wrote() {
    let directory = directory_with("host.nix", HOST);
    let out = directory.path().join("out");
    assert_eq!(
        run(
            &scenarios().join("home-server"),
            &["plan", "host.nix", "--out", out.to_str().unwrap()]
        )
        .code,
        0
    );
    let first = files(&out);
    assert_eq!(
        run(directory.path(), &["plan", "host.nix", "--out", "out"]).code,
        0
    );
    let second = files(&out);
    assert!(
        first.contains_key("disko.nix") && !second.contains_key("disko.nix"),
        "{second:?}"
    );
    let fresh = directory.path().join("fresh");
    assert_eq!(
        run(
            directory.path(),
            &["plan", "host.nix", "--out", fresh.to_str().unwrap()]
        )
        .code,
        0
    );
    assert_eq!(second, files(&fresh));
}

#[test]
fn a_directory_with_other_files_is_left_alone() {
    let directory = directory_with("host.nix", HOST);
    let out = directory.path().join("out");
    std::fs::create_dir_all(out.join("sub")).unwrap();
    std::fs::write(out.join("sub/mine"), "precious").unwrap();
    std::fs::write(out.join("plan.json"), "mine too").unwrap();
    let run = run(directory.path(), &["plan", "host.nix", "--out", "out"]);
    expect![[r#"
        --- stderr
        PB505

          ☞ not said, so storage.conf holds only what Podman 4, 5 and 6 all know
           ╭─[host.nix:1:1]
         1 │ { filesystems.tank.device = "/dev/disk/by-uuid/a"; }
           · ┬
           · ╰── host.podman is not in here
           ╰────
          help: say what `podman --version` prints on the host

        1 note in host.nix; `podman-btrfs explain CODE` tells more
        podman-btrfs: out holds files that podman-btrfs did not write: plan.json, sub/mine
          help: give a directory that is new or empty; nothing was written
        --- exit 1
    "#]]
    .assert_eq(&run.shown());
    assert_eq!(files(&out).len(), 2);
    assert_eq!(files(&out)["plan.json"], "mine too");
}

#[test]
fn what_an_interrupted_run_left_is_cleared_away() {
    let directory = directory_with("host.nix", HOST);
    let out = directory.path().join("out");
    std::fs::create_dir_all(out.join("btrbk")).unwrap();
    std::fs::write(out.join("btrbk/.podman-btrfs-new-x.conf"), "half").unwrap();
    assert_eq!(
        run(directory.path(), &["plan", "host.nix", "--out", "out"]).code,
        0
    );
    assert!(!files(&out).keys().any(|name| name.contains("-new-")));
}

#[test]
fn a_declaration_with_errors_writes_nothing() {
    let directory = directory_with("host.nix", "{ filesystms = { }; }");
    let run = run(directory.path(), &["plan", "host.nix", "--out", "out"]);
    assert_eq!(run.code, 1);
    assert!(!directory.path().join("out").exists());
}

#[test]
fn nobody_reading_to_the_end_is_no_fault() {
    use std::io::Read;
    let mut child = common::command(
        &scenarios().join("high-density"),
        &["plan", "--format", "json", "host.nix"],
    )
    .stdout(std::process::Stdio::piped())
    .spawn()
    .unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    assert!(child.wait().unwrap().success());
}
