//! The builder of derivations, as Nix starts it.

#![expect(
    clippy::needless_raw_string_hashes,
    clippy::unwrap_used,
    reason = "`expect!` writes its texts with hashes; a test stops where it fails"
)]

mod common;

use std::path::Path;

use common::{Run, command, run_with};
use expect_test::expect;
use serde_json::{Value, json};

fn build(directory: &Path, what: &str, attributes: &Value) -> Run {
    let file = directory.join("attrs.json");
    std::fs::write(&file, attributes.to_string()).unwrap();
    let mut command = command(directory, &["build", what]);
    command.env("NIX_ATTRS_JSON_FILE", file);
    run_with(command, "")
}

fn attributes(directory: &Path, spec: &Value) -> Value {
    json!({
        "outputs": { "out": directory.join("out") },
        "spec": spec,
        "planFile": directory.join("plan.json"),
        "refresh": "refresh-it --now",
        "system": "x86_64-linux",
    })
}

fn spec(capacity: &str) -> Value {
    json!({ "filesystems": { "tank": { "device": "/dev/disk/by-uuid/a", "media": capacity } } })
}

#[test]
fn the_bundle_is_the_one_that_the_command_prints() {
    let directory = common::directory_with("host.json", spec("nvme").to_string());
    let run = build(
        directory.path(),
        "plan",
        &attributes(directory.path(), &spec("nvme")),
    );
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let built = std::fs::read_to_string(directory.path().join("out")).unwrap();
    let printed = common::run(
        directory.path(),
        &["plan", "--format", "bundle", "host.json"],
    )
    .stdout;
    assert_eq!(built, printed);
}

#[test]
fn mistakes_are_data_in_the_plan() {
    let directory = tempfile::tempdir().unwrap();
    let run = build(
        directory.path(),
        "plan",
        &attributes(directory.path(), &json!({ "filesystms": {} })),
    );
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let built = std::fs::read_to_string(directory.path().join("out")).unwrap();
    let built: Value = serde_json::from_str(&built).unwrap();
    assert_eq!(built["plan"]["diagnostics"][0]["code"], "PB102");
    assert_eq!(built["plan"]["filesystems"], json!({}));
}

#[test]
fn a_current_plan_file_passes_and_a_stale_one_is_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    build(path, "plan", &attributes(path, &spec("nvme")));
    std::fs::rename(path.join("out"), path.join("plan.json")).unwrap();

    let current = build(path, "check", &attributes(path, &spec("nvme")));
    assert_eq!((current.code, current.stderr.as_str()), (0, ""));
    assert_eq!(std::fs::read(path.join("out")).unwrap(), b"");
    std::fs::remove_file(path.join("out")).unwrap();

    let stale = build(path, "check", &attributes(path, &spec("hdd")));
    assert_eq!(stale.code, 1);
    assert!(!path.join("out").exists());
    expect![[r#"
        DIR/plan.json is not the plan of this configuration:
          plan.decisions[3].evidence.media: "nvme" -> "hdd"
          plan.decisions[3].value[1]: "compress=zstd:1" -> "compress=zstd:3"
          plan.decisions[3].value[2]: "discard=async" -> nothing
          plan.decisions[12].evidence.media: "nvme" -> "hdd"
          plan.decisions[12].reason: "the mounts discard what is free again, and a timer would on… -> "a rotating disk has no use for knowing which blocks are fre…
          plan.decisions[12].value: "continuous" -> "never"
          plan.filesystems.tank.media: "nvme" -> "hdd"
          plan.filesystems.tank.mountOptions[1]: "compress=zstd:1" -> "compress=zstd:3"
          plan.filesystems.tank.mountOptions[2]: "discard=async" -> nothing
          plan.filesystems.tank.mounts[0].options[1]: "compress=zstd:1" -> "compress=zstd:3"
          plan.filesystems.tank.mounts[0].options[2]: "discard=async" -> "subvol=/@volumes"
          plan.filesystems.tank.mounts[0].options[3]: "subvol=/@volumes" -> nothing
          plan.filesystems.tank.mounts[1].options[1]: "compress=zstd:1" -> "compress=zstd:3"
          plan.filesystems.tank.mounts[1].options[2]: "discard=async" -> "subvol=/@snapshots"
          plan.filesystems.tank.mounts[1].options[3]: "subvol=/@snapshots" -> nothing
          plan.filesystems.tank.mounts[2].options[1]: "compress=zstd:1" -> "compress=zstd:3"
          plan.filesystems.tank.mounts[2].options[2]: "discard=async" -> "subvol=/@containers"
          plan.filesystems.tank.mounts[2].options[3]: "subvol=/@containers" -> nothing
        help: write it anew, look at what changes, and commit it:
          refresh-it --now
    "#]]
    .assert_eq(&stale.stderr.replace(path.to_str().unwrap(), "DIR"));
}

#[test]
fn at_most_20_differences_are_listed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    std::fs::write(
        path.join("plan.json"),
        json!({ "x": vec![1; 500] }).to_string(),
    )
    .unwrap();
    let stale = build(path, "check", &attributes(path, &spec("hdd")));
    assert_eq!(stale.code, 1);
    assert!(stale.stderr.lines().count() <= 24, "{}", stale.stderr);
    std::fs::write(path.join("plan.json"), "{").unwrap();
    let broken = build(path, "check", &attributes(path, &spec("hdd")));
    assert!(
        broken.code == 1 && broken.stderr.contains("not JSON"),
        "{}",
        broken.stderr
    );
}

#[test]
fn outside_of_nix_it_says_what_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let run = run_with(command(directory.path(), &["build", "plan"]), "");
    expect![[r#"
        --- stderr
        podman-btrfs: this is the builder of a Nix derivation with structured attributes, and `NIX_ATTRS_JSON_FILE` is not set
        --- exit 2
    "#]].assert_eq(&run.shown());
    let run = build(
        directory.path(),
        "check",
        &json!({ "outputs": { "out": "/out" }, "spec": {} }),
    );
    expect![[r#"
        --- stderr
        podman-btrfs: this is the builder of a Nix derivation with structured attributes, and it has no attribute `planFile`
        --- exit 2
    "#]].assert_eq(&run.shown());
}

#[test]
fn a_plan_file_that_is_missing_is_a_fault() {
    let directory = tempfile::tempdir().unwrap();
    let run = build(
        directory.path(),
        "check",
        &attributes(directory.path(), &spec("hdd")),
    );
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("plan.json"), "{}", run.stderr);
}
