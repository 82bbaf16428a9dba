//! What `upkeep` says where it can do nothing. Real filesystems are in the tests of the host crate.

mod common;

use std::path::Path;

use common::{run, scenarios};

#[test]
fn a_filesystem_that_is_not_planned_or_not_mounted_is_left_alone() {
    let plan = scenarios().join("home-server/plan.json");
    let plan = plan.to_string_lossy();
    let locks = tempfile::tempdir().unwrap();
    let locks = locks.path().join("locks");
    let locks = locks.to_string_lossy();
    let upkeep = |filesystem: &str, task: &str| {
        run(
            Path::new("/"),
            &["upkeep", &plan, filesystem, task, "--locks", &locks],
        )
    };
    let unknown = upkeep("nowhere", "scrub");
    assert_eq!(unknown.code, 1, "{}", unknown.shown());
    assert!(
        unknown
            .stderr
            .contains("the plan has no filesystem `nowhere`; it has: "),
        "{}",
        unknown.stderr
    );
    let name = unknown
        .stderr
        .trim()
        .rsplit(' ')
        .next()
        .unwrap_or_default()
        .to_owned();
    for task in ["scrub", "trim", "balance"] {
        let absent = upkeep(&name, task);
        assert_eq!(absent.code, 2, "{}", absent.shown());
        assert!(
            absent.stderr.contains("no Btrfs is mounted at "),
            "{}",
            absent.stderr
        );
    }
}
