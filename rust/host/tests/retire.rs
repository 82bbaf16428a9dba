//! What was left is ended on a real Btrfs: by name, and only what can be shown to be ours. Run by `checks/run` as root.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[allow(dead_code, reason = "other tests use what these do not")]
mod common;
#[path = "common/lab.rs"]
#[allow(
    dead_code,
    reason = "these tests apply with a ledger, and the lab without"
)]
mod lab;

use std::collections::BTreeMap;
use std::path::PathBuf;

use common::plan_of;
use lab::Lab;
use podman_btrfs_core::plan::Plan;
use podman_btrfs_host::apply::{Options, apply};
use podman_btrfs_host::receipt::{Receipt, State};
use podman_btrfs_host::retire::{Request, retire};
use podman_btrfs_host::system::{RealSystem, System};

const SHOP: &str = r#""shop": {"containers": {"web": {}}, "volumes": {"uploads": {"mounts": {"web": "/uploads"}}, "films": {"mounts": {"web": "/films"}}}}"#;
const BLOG: &str =
    r#""blog": {"containers": {"blog": {}}, "volumes": {"pages": {"mounts": {"blog": "/pages"}}}}"#;

/// A host on a loop device that held a shop and a blog, of which only the blog is declared now.
struct Host {
    lab: Lab,
    plan: Plan,
    top: PathBuf,
}

impl Host {
    fn new() -> Self {
        let lab = Lab::new();
        let before = declared(&lab, &format!("{SHOP}, {BLOG}"));
        let plan = declared(&lab, BLOG);
        let top = lab.mount("top", "subvolid=5");
        let host = Self { lab, plan, top };
        assert!(host.apply(&before).is_complete());
        for file in ["shop/uploads/picture", "shop/films/film", "blog/pages/page"] {
            std::fs::write(host.top.join("@volumes").join(file), file).unwrap();
        }
        let receipt = host.apply(&host.plan);
        assert!(receipt.is_complete(), "{receipt:#?}");
        host
    }

    fn ledger(&self) -> PathBuf {
        self.lab.directory.path().join("state/ledger.json")
    }

    fn apply(&self, plan: &Plan) -> Receipt {
        let options = Options {
            dry_run: false,
            devices: BTreeMap::new(),
            work_directory: self.lab.directory.path().join("work"),
            ledger: Some(self.ledger()),
            replaced: Vec::new(),
        };
        apply(plan, &RealSystem, &options, &mut |_| ())
    }

    fn retire(&self, name: &str) -> Vec<State> {
        let request = Request {
            name: name.into(),
            now: true,
            dry_run: false,
            // On a machine whose first process may do more than we may; it does not use a disk image of ours.
            not_used_by: vec![
                std::fs::read_to_string("/proc/1/comm")
                    .unwrap()
                    .trim()
                    .to_owned(),
            ],
            ledger: self.ledger(),
            work_directory: self.lab.directory.path().join("work"),
        };
        let receipt = retire(&self.plan, &request, &RealSystem).unwrap();
        receipt.steps.into_iter().map(|step| step.state).collect()
    }
}

fn declared(lab: &Lab, workloads: &str) -> Plan {
    let device = &lab.device;
    plan_of(&format!(
        r#"{{"filesystems": {{"tank": {{"device": "{device}", "mountPoint": "/srv/tank"}}}}, "workloads": {{{workloads}}}}}"#
    ))
}

fn because(states: &[State]) -> String {
    format!("{states:?}")
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_workload_that_was_left_is_deleted_with_its_last_snapshot_and_nothing_else_is() {
    let host = Host::new();
    let places =
        ["@snapshots", "@volumes"].map(|above| host.top.join(above).join(".podman-btrfs-last"));
    let last = places.iter().find(|place| place.exists()).unwrap();
    let taken = std::fs::read_dir(last)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    assert_eq!(
        std::fs::read_to_string(taken.join("films/film")).unwrap(),
        "shop/films/film"
    );
    let states = host.retire("shop");
    assert_eq!(states, [State::Done, State::Done]);
    assert!(!host.top.join("@volumes/shop").exists());
    assert!(!taken.exists());
    let page = std::fs::read_to_string(host.top.join("@volumes/blog/pages/page"));
    assert_eq!(page.unwrap(), "blog/pages/page");
    assert!(host.retire("shop").is_empty());
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn what_somebody_has_mounted_or_put_a_subvolume_into_stays() {
    let host = Host::new();
    let shown = |path: PathBuf| path.to_string_lossy().into_owned();
    let uploads = shown(host.top.join("@volumes/shop/uploads"));
    let elsewhere = host.lab.directory.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    RealSystem
        .run("mount", &["--bind", &uploads, &shown(elsewhere.clone())])
        .unwrap();
    let states = host.retire("shop/uploads");
    assert!(
        matches!(&states[..], [State::Refused(_)]),
        "{}",
        because(&states)
    );
    assert!(because(&states).contains("in use"), "{}", because(&states));
    RealSystem.run("umount", &[&shown(elsewhere)]).unwrap();

    let foreign = host.top.join("@volumes/shop/films/foreign");
    RealSystem.create_subvolume(&foreign).unwrap();
    std::fs::write(foreign.join("file"), "precious").unwrap();
    let states = host.retire("shop/films");
    assert!(
        because(&states).contains("which nobody asked to delete"),
        "{}",
        because(&states)
    );
    let found = RealSystem
        .run(
            "find",
            &[&shown(host.top.join("@volumes/shop")), "-name", "file"],
        )
        .unwrap();
    let found = found.stdout.trim().to_owned();
    assert_eq!(std::fs::read_to_string(found).unwrap(), "precious");
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn what_lost_its_marker_is_not_deleted() {
    let host = Host::new();
    let uploads = host.top.join("@volumes/shop/uploads");
    RealSystem
        .set_marker(&uploads, "1 00000000000000000000000000000abc blog/other")
        .unwrap();
    let states = host.retire("shop/uploads");
    assert!(
        because(&states).contains("cannot be shown"),
        "{}",
        because(&states)
    );
    assert!(uploads.join("picture").exists());
}
