//! What `apply` refuses before it looks at the machine.

#![expect(
    clippy::needless_raw_string_hashes,
    reason = "`expect!` writes its texts with hashes"
)]

mod common;

use common::{directory_with, run, scenarios};
use expect_test::{Expect, expect};

fn check(plan: &str, expected: &Expect) {
    let directory = directory_with("plan.json", plan);
    expected.assert_eq(&run(directory.path(), &["apply", "--dry-run", "plan.json"]).shown());
}

#[test]
fn what_is_no_plan_is_refused() {
    check(
        "{",
        &expect![[r#"
            --- stderr
            PB101

              × this is not JSON: EOF while parsing an object at line 1 column 1
              help: give a `plan.json` as `plan --out` writes it

            1 error in plan.json; `podman-btrfs explain CODE` tells more
            --- exit 1
        "#]],
    );
    check(
        "{\"filesystems\": {}}",
        &expect![[r#"
            --- stderr
            PB101

              × this helper reads plans of version 1, and this one says none
              help: plan again with this version of podman-btrfs

            1 error in plan.json; `podman-btrfs explain CODE` tells more
            --- exit 1
        "#]],
    );
    check(
        "{\"planVersion\": 1}",
        &expect![[r#"
            --- stderr
            PB101

              × this is no plan: missing field `diagnostics`
              help: plan again with this version of podman-btrfs

            1 error in plan.json; `podman-btrfs explain CODE` tells more
            --- exit 1
        "#]],
    );
}

#[test]
fn a_plan_of_another_version_is_refused() {
    check(
        "{\"planVersion\": 999, \"whatever\": 1}",
        &expect![[r#"
            --- stderr
            PB101

              × this helper reads plans of version 1, and this one says 999
              help: plan again with this version of podman-btrfs

            1 error in plan.json; `podman-btrfs explain CODE` tells more
            --- exit 1
        "#]],
    );
}

#[test]
fn a_plan_with_errors_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let attributes = serde_json::json!({
        "outputs": { "out": directory.path().join("bundle.json") },
        "spec": { "filesystms": {} },
    });
    let file = directory.path().join("attrs.json");
    std::fs::write(&file, attributes.to_string()).unwrap();
    let mut command = common::command(directory.path(), &["build", "plan"]);
    command.env("NIX_ATTRS_JSON_FILE", &file);
    assert_eq!(common::run_with(command, "").code, 0);
    let bundle = std::fs::read(directory.path().join("bundle.json")).unwrap();
    let bundle: serde_json::Value = serde_json::from_slice(&bundle).unwrap();
    check(
        &bundle["plan"].to_string(),
        &expect![[r#"
            --- stderr
            PB101

              × this plan holds errors, and so nothing to apply
              help: correct the declaration (`podman-btrfs check` lists what is wrong) and
                    plan again

            1 error in plan.json; `podman-btrfs explain CODE` tells more
            --- exit 1
        "#]],
    );
}

#[test]
fn a_plan_of_nothing_has_nothing_to_do() {
    let directory = directory_with("host.nix", "{ }");
    let plan = run(directory.path(), &["plan", "--format", "json", "host.nix"]).stdout;
    check(
        &plan,
        &expect![[r#"
        --- stdout
        0 steps: nothing to do
        --- exit 0
    "#]],
    );
}

#[test]
fn of_two_at_once_the_second_does_nothing() {
    let plan = scenarios().join("home-server/plan.json");
    let directory = tempfile::tempdir().unwrap();
    let receipts = directory.path().join("receipts");
    let file = std::fs::File::create(directory.path().join("apply.lock")).unwrap();
    let apply = || {
        let plan = plan.to_string_lossy();
        let (work, receipts) = (
            directory.path().to_string_lossy(),
            receipts.to_string_lossy(),
        );
        let words = [
            "apply",
            &*plan,
            "--work-directory",
            &*work,
            "--receipts",
            &*receipts,
        ];
        run(directory.path(), &words)
    };
    rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let second = apply();
    assert_eq!(second.code, 2, "{}", second.shown());
    assert!(
        second
            .stderr
            .contains("another run is under way, and holds "),
        "{}",
        second.stderr
    );
    assert!(!receipts.exists(), "it kept a receipt");
}
