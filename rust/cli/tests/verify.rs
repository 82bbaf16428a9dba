//! What `verify` says on a machine that has nothing of the plan. Real mounts are in the tests of the host crate.

mod common;

use std::path::Path;

use common::{run, scenarios};

#[test]
fn what_is_nowhere_is_told_and_so_is_a_name_that_the_plan_does_not_have() {
    let plan = scenarios().join("home-server/plan.json");
    let plan = plan.to_string_lossy();
    let verify = |arguments: &[&str]| {
        let all: Vec<&str> = [&["verify", &*plan], arguments].concat();
        run(Path::new("/"), &all)
    };
    let one = verify(&["vaultwarden"]);
    assert_eq!(one.code, 1, "{}", one.shown());
    assert!(
        one.stdout.ends_with("1 place: 1 not as planned\n"),
        "{}",
        one.stdout
    );
    assert!(one.stdout.contains(": it is not there\n"), "{}", one.stdout);

    let unknown = verify(&["--format", "json", "--", "-x"]);
    assert_eq!(unknown.code, 1, "{}", unknown.shown());
    let answers: serde_json::Value = serde_json::from_str(&unknown.stdout).unwrap_or_default();
    assert_eq!(answers.pointer("/0/subject"), Some(&"-x".into()));
    assert_eq!(
        answers.pointer("/0/wrong"),
        Some(&"the plan has no container of this name".into())
    );
}
