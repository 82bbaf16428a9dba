//! `apply` and `verify` on a real Btrfs on a loop device. Run by `checks/run` as root:
//! `cargo test -p podman-btrfs-host --test real -- --ignored --test-threads 1`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::{HOST, plan_of};
use podman_btrfs_core::plan::{Plan, QuotaMode};
use podman_btrfs_core::units::{DevicePath, Text};
use podman_btrfs_host::apply::{Options, apply};
use podman_btrfs_host::receipt::{Receipt, State};
use podman_btrfs_host::system::{NodeKind, RealSystem, System};
use podman_btrfs_host::verify::verify;

const REASON: &str = "needs root, Btrfs in the kernel and loop devices";

/// A Btrfs of 512 MiB in a file; the kernel lets go of all of it when this ends.
struct Lab {
    directory: tempfile::TempDir,
    device: String,
}

impl Lab {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let image = directory.path().join("image");
        std::fs::File::create(&image)
            .unwrap()
            .set_len(512 << 20)
            .unwrap();
        let image = image.to_string_lossy().into_owned();
        RealSystem
            .run("mkfs.btrfs", &["--quiet", &image])
            .unwrap_or_else(|f| panic!("{REASON}: {f}"));
        let printed = RealSystem.run("losetup", &["--find", "--show", &image]);
        let device = printed
            .unwrap_or_else(|f| panic!("{REASON}: {f}"))
            .stdout
            .trim()
            .to_owned();
        Self { directory, device }
    }

    fn run(&self, plan: &Plan, dry_run: bool) -> Receipt {
        let device = DevicePath::parse(&self.device).unwrap();
        let devices = plan
            .filesystems
            .keys()
            .map(|name| (name.clone(), device.clone()))
            .collect();
        let work_directory = self.directory.path().join("work");
        apply(
            plan,
            &RealSystem,
            &Options {
                dry_run,
                devices,
                work_directory,
                places: None,
            },
            &mut |_| (),
        )
    }

    /// Mounts one subvolume with options and gives its directory; it is unmounted with the lab.
    fn mount(&self, name: &str, options: &str) -> PathBuf {
        let point = self.directory.path().join(name);
        std::fs::create_dir_all(&point).unwrap();
        let shown = point.to_string_lossy();
        RealSystem
            .run(
                "mount",
                &["-t", "btrfs", "-o", options, &self.device, &shown],
            )
            .unwrap();
        point
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let ours = self.directory.path().to_string_lossy();
        for point in mounts
            .lines()
            .rev()
            .filter_map(|line| line.split(' ').nth(1))
        {
            if point.starts_with(&*ours) {
                let _ = RealSystem.run("umount", &["--", point]);
            }
        }
        let _ = RealSystem.run("losetup", &["--detach", &self.device]);
    }
}

/// The plan without what only newer tools and other accounts can do: simple quotas, alice.
fn plain_plan() -> Plan {
    plan_of(
        &HOST
            .replace("\"alice\"", "\"nobody\"")
            .replace(", \"limit\": \"1G\"", ""),
    )
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn everything_is_made_once_and_the_kernel_shows_it() {
    let lab = Lab::new();
    let plan = plain_plan();
    let dry = lab.run(&plan, true);
    assert!(dry.count(|state| *state == State::Wanted) > 10, "{dry:#?}");
    let first = lab.run(&plan, false);
    assert!(first.is_complete(), "{first:#?}");
    let second = lab.run(&plan, false);
    assert!(
        second.steps.iter().all(|step| step.state == State::Already),
        "{second:#?}"
    );

    let top = lab.mount("top", "subvolid=5");
    let samples = top.join("@volumes/metrics+samples");
    assert_eq!(
        RealSystem.look(&samples).unwrap().unwrap().kind,
        NodeKind::Subvolume
    );
    std::fs::write(samples.join("ibdata1"), "x").unwrap();
    assert!(
        RealSystem.is_nodatacow(&samples.join("ibdata1")).unwrap(),
        "files inherit nodatacow"
    );
    let pgdata = top.join("@volumes/shop/pgdata");
    assert_eq!(
        RealSystem.look(&pgdata).unwrap().unwrap().kind,
        NodeKind::Directory
    );
    assert_eq!(
        RealSystem.compression(&pgdata).unwrap().as_deref(),
        Some("none")
    );
    let snapper = RealSystem
        .look(&top.join("@volumes/shop/.snapshots"))
        .unwrap()
        .unwrap();
    assert_eq!((snapper.kind, snapper.mode), (NodeKind::Subvolume, 0o750));
    let store = RealSystem
        .look(&top.join("@containers/user-nobody"))
        .unwrap()
        .unwrap();
    assert_eq!(
        (store.uid, store.mode),
        (65534, 0o700),
        "the store is its user's"
    );
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn what_holds_data_or_is_foreign_is_left_alone() {
    let lab = Lab::new();
    let plan = plain_plan();
    let top = lab.mount("top", "subvolid=5");
    let text = |path: &Path| path.to_string_lossy().into_owned();
    RealSystem
        .run(
            "btrfs",
            &["subvolume", "create", &text(&top.join("@volumes"))],
        )
        .unwrap();
    RealSystem
        .run(
            "btrfs",
            &["subvolume", "create", &text(&top.join("foreign"))],
        )
        .unwrap();
    RealSystem
        .run(
            "btrfs",
            &[
                "subvolume",
                "create",
                &text(&top.join("@volumes/metrics+samples")),
            ],
        )
        .unwrap();
    std::fs::write(top.join("@volumes/metrics+samples/ibdata1"), "precious").unwrap();
    std::fs::create_dir(top.join("@volumes/shop")).unwrap();
    std::fs::write(top.join("@volumes/shop/file"), "precious").unwrap();

    let receipt = lab.run(&plan, false);
    let refused: BTreeMap<&str, &str> = receipt
        .steps
        .iter()
        .filter_map(|step| match &step.state {
            State::Refused(because) => Some((step.action.as_str(), because.as_str())),
            State::Already | State::Wanted | State::Done | State::Failed(_) => None,
        })
        .collect();
    assert!(
        refused["make the subvolume @volumes/shop"].contains("directory with files"),
        "{refused:#?}"
    );
    assert!(
        refused["set nodatacow on @volumes/metrics+samples"].contains("holds files"),
        "{refused:#?}"
    );
    assert_eq!(
        std::fs::read_to_string(top.join("@volumes/metrics+samples/ibdata1")).unwrap(),
        "precious"
    );
    assert_eq!(
        std::fs::read_to_string(top.join("@volumes/shop/file")).unwrap(),
        "precious"
    );
    assert_eq!(
        std::fs::read_dir(top.join("@volumes/shop"))
            .unwrap()
            .count(),
        1,
        "nothing is made in a directory that is not ours"
    );
    assert!(top.join("foreign").is_dir());
    assert!(
        !RealSystem
            .is_nodatacow(&top.join("@volumes/metrics+samples"))
            .unwrap()
    );
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn verify_sees_each_attribute_and_option_that_is_not_as_planned() {
    let lab = Lab::new();
    let plan = plain_plan();
    assert!(lab.run(&plan, false).is_complete());
    let root = lab.directory.path().join("root");
    let mount = |subvolume: &str, place: &str, options: &str| {
        lab.mount(
            &format!("root{place}"),
            &format!("{options},subvol=/{subvolume}"),
        )
    };
    let planned = "noatime,compress=zstd:1";
    let volumes = mount("@volumes", "/srv/tank", planned);
    mount("@snapshots", "/srv/tank/.snapshots", planned);
    mount("@containers", "/var/lib/containers", "compress=zstd:1");
    let wrong = |checked: Vec<podman_btrfs_host::verify::Checked>| -> Vec<String> {
        checked
            .into_iter()
            .filter_map(|c| Some(format!("{}: {}", c.subject, c.wrong?)))
            .collect()
    };
    let seen = wrong(verify(&plan, &RealSystem, &root).unwrap());
    assert_eq!(seen, ["/var/lib/containers: not in effect: noatime"]);

    RealSystem
        .set_compression(&volumes.join("shop/uploads"), "zstd")
        .unwrap();
    std::fs::remove_dir(volumes.join("shop/pgdata")).unwrap();
    let seen = wrong(verify(&plan, &RealSystem, &root).unwrap());
    assert_eq!(seen.len(), 3, "{seen:#?}");
    assert!(
        seen.contains(&"/srv/tank/shop/pgdata: it is not there".to_owned()),
        "{seen:#?}"
    );
    assert!(seen.iter().any(|line| line.contains("shop/uploads: a new file has the compression property zstd")));
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_link_in_place_of_a_volume_is_refused_and_what_it_leads_to_stays() {
    let lab = Lab::new();
    let plan = plain_plan();
    assert!(lab.run(&plan, false).is_complete());
    let outside = lab.directory.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    let before = RealSystem.look(&outside).unwrap();
    let top = lab.mount("top", "subvolid=5");
    for volume in ["uploads", "pgdata"] {
        let path = top.join("@volumes/shop").join(volume);
        std::fs::remove_dir(&path).unwrap();
        std::os::unix::fs::symlink(&outside, &path).unwrap();
        assert!(RealSystem.set_access(&path, 0o777, 1, 1).is_err());
        assert!(RealSystem.set_compression(&path, "zstd").is_err());
    }
    let receipt = lab.run(&plan, false);
    let refused = receipt.count(|state| matches!(state, State::Refused(_)));
    assert!(refused >= 2, "{receipt:#?}");
    assert_eq!(
        receipt.count(|state| matches!(state, State::Failed(_))),
        0,
        "{receipt:#?}"
    );
    assert_eq!(RealSystem.look(&outside).unwrap(), before);
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_dry_run_writes_nothing_to_the_device() {
    let lab = Lab::new();
    let image = lab.directory.path().join("image");
    let before = std::fs::read(&image).unwrap();
    let dry = lab.run(&plain_plan(), true);
    assert!(dry.count(|state| *state == State::Wanted) > 10, "{dry:#?}");
    RealSystem.run("sync", &[]).unwrap();
    assert!(
        std::fs::read(&image).unwrap() == before,
        "the image is not the same any more"
    );
}

/// Whether `btrfs` here can switch simple quotas on (6.7), by its own version.
fn has_simple_quotas() -> bool {
    let printed = RealSystem.run("btrfs", &["--version"]).unwrap().stdout;
    let version = printed.lines().next().unwrap();
    let version = version.trim_start_matches("btrfs-progs v");
    let mut numbers = version
        .split('.')
        .map(|number| number.parse::<u32>().unwrap_or(0));
    (numbers.next(), numbers.next()) >= (Some(6), Some(7))
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_limit_holds_and_without_simple_quotas_nothing_is_made_and_the_reason_told() {
    let lab = Lab::new();
    let plan = plan_of(
        &HOST
            .replace("\"alice\"", "\"nobody\"")
            .replace("\"1G\"", "\"20M\""),
    );
    let first = lab.run(&plan, false);
    if !has_simple_quotas() {
        let told = matches!(&first.steps[0].state, State::Failed(because) if because.contains("btrfs-progs 6.7"));
        assert!(told && first.steps.len() == 1, "{first:#?}");
        return;
    }
    assert!(first.is_complete(), "{first:#?}");
    let second = lab.run(&plan, false);
    assert!(
        second.steps.iter().all(|step| step.state == State::Already),
        "{second:#?}"
    );
    let limited = first
        .steps
        .iter()
        .filter(|step| step.action.contains("20971520 bytes"));
    assert_eq!(limited.count(), 1, "{first:#?}");
    let top = lab.mount("top", "subvolid=5");
    let block = vec![7_u8; 40 << 20];
    let beyond = std::fs::write(top.join("@volumes/shop+films/film"), &block).and_then(|()| {
        RealSystem
            .run("sync", &[])
            .map(drop)
            .map_err(std::io::Error::other)
    });
    let kind = beyond.map_err(|error| error.kind());
    assert_eq!(kind, Err(std::io::ErrorKind::QuotaExceeded));
    std::fs::write(top.join("@volumes/shop/uploads/file"), &block).unwrap();
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_watched_limit_is_set_nowhere_even_where_classic_qgroups_are_on() {
    let lab = Lab::new();
    let old = r#"{ "host": { "kernel": "6.1", "btrfsProgs": "6.1" }, "#;
    let plan = plan_of(
        &HOST
            .replace("\"alice\"", "\"nobody\"")
            .replacen('{', old, 1),
    );
    assert!(
        plan.filesystems
            .values()
            .all(|filesystem| filesystem.quota == QuotaMode::Watched),
        "the test is of a filesystem without simple quotas"
    );
    let top = lab.mount("top", "subvolid=5");
    let shown = top.to_string_lossy();
    let without = lab.run(&plan, false);
    assert!(without.is_complete(), "{without:#?}");

    RealSystem
        .run("btrfs", &["quota", "enable", &shown])
        .unwrap();
    let with = lab.run(&plan, false);
    assert!(with.is_complete(), "{with:#?}");
    let printed = RealSystem
        .run("btrfs", &["qgroup", "show", "-r", "--raw", "--", &shown])
        .unwrap();
    let rows: Vec<&str> = printed
        .stdout
        .lines()
        .filter(|line| line.trim_start().starts_with("0/"))
        .collect();
    assert!(rows.len() > 3, "{}", printed.stdout);
    assert!(
        rows.iter().all(|row| row.contains("none")),
        "{}",
        printed.stdout
    );
}
