//! What is found on a real Btrfs on a loop device that is otherwise than planned. Run by `checks/run` as root.
//!
//! Not made here, and shown by the pages of their rules alone: units that failed or are missing (PB844, PB845), because
//! no service manager runs; full metadata (PB841), which leaves a filesystem that nothing can be undone in; and a missing
//! device (PB827), which needs a second one. That errors of devices are counted is shown in `metrics.rs`.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;
#[path = "common/doctor_cases.rs"]
mod doctor_cases;
#[path = "common/doctor_host.rs"]
mod doctor_host;
#[path = "common/lab.rs"]
mod lab;

use std::fs;

use doctor_cases::CASES;
use doctor_host::{DoctorHost, must};
use podman_btrfs_host::system::{RealSystem, System as _};

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_host_that_is_as_planned_has_nothing_otherwise() {
    let host = DoctorHost::new();
    assert_eq!(host.found(), Vec::new());
    // Snapshots of the plan's series, and what Podman keeps.
    let (from, to) = (
        host.path("shop"),
        host.path(".snapshots/shop.20270101T0000"),
    );
    must("btrfs", &["subvolume", "snapshot", "-r", &from, &to]);
    let layers = host.store("btrfs/subvolumes");
    fs::create_dir_all(&layers).unwrap();
    must("btrfs", &["subvolume", "create", &format!("{layers}/0f1e")]);
    fs::create_dir_all(host.store("btrfs-layers")).unwrap();
    fs::write(
        host.store("btrfs-layers/layers.json"),
        r#"[{"id": "0f1e", "created": 7}]"#,
    )
    .unwrap();
    let found = host.found();
    // The plan's driver is another, which is told, and nothing else.
    let codes: Vec<_> = found.iter().map(|found| found.code.as_str()).collect();
    assert_eq!(codes, ["PB843"], "{found:#?}");
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn each_kind_that_is_made_by_hand_is_found() {
    let mut wrong = Vec::new();
    for (index, (code, remedy, make)) in CASES.iter().enumerate() {
        let host = DoctorHost::new();
        make(&host);
        let found = host.found();
        let is_it = |found: &&podman_btrfs_core::drift::Drift| {
            found.code == *code && found.remedy == *remedy
        };
        if found.iter().filter(is_it).count() == 0 {
            wrong.push(format!("case {index}, {code}: {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_device_that_is_not_there_is_found() {
    let host = DoctorHost::new();
    let mut plan = host.plan.clone();
    let device = podman_btrfs_core::units::Text::parse("/dev/disk/by-label/nowhere").unwrap();
    plan.filesystems.values_mut().next().unwrap().device = device;
    let codes: Vec<_> = host
        .found_of(&plan)
        .into_iter()
        .map(|found| found.code)
        .collect();
    let mounted: Vec<_> = codes.iter().filter(|code| *code == "PB822").collect();
    let mounts = plan.filesystems.values().next().unwrap().mounts.len();
    assert_eq!((codes[0].as_str(), mounted.len()), ("PB821", mounts));
    assert_eq!(codes.len(), 1 + mounts, "{codes:?}");
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn limits_are_found_where_simple_quotas_are_on() {
    let host = DoctorHost::with_limit();
    let place = host.path("shop+films");
    let limit = |bytes: &str| must("btrfs", &["qgroup", "limit", bytes, &place]);
    let codes = || -> Vec<String> {
        let found = host.found().into_iter();
        found
            .map(|found| format!("{} {}", found.code, found.remedy.name()))
            .collect()
    };
    assert_eq!(codes(), ["PB835 apply"], "no quotas");
    // What `btrfs quota enable --simple` does (`BTRFS_IOC_QUOTA_CTL`, Linux 6.7), which old versions do not know.
    let enable = "import fcntl,os,struct,sys;fcntl.ioctl(os.open(sys.argv[1],0),0xC0109428,bytearray(struct.pack('QQ',4,0)))";
    must("python3", &["-c", enable, &host.path("")]);
    assert_eq!(codes(), ["PB834 apply"], "no limit");
    limit("2G");
    assert_eq!(codes(), ["PB834 apply"], "another limit");
    limit("1G");
    assert_eq!(codes(), Vec::<String>::new());
}

/// Any single thing that is changed of a planned place, by the numbers that were drawn.
fn change(host: &DoctorHost, draw: u64) -> String {
    let volumes = [
        "shop/pgdata",
        "shop/uploads",
        "shop+films",
        "metrics+samples",
    ];
    let pick = |from: usize, by: u64| usize::try_from(draw / by).unwrap() % from;
    let volume = volumes[pick(volumes.len(), 1)];
    let place = host.path(volume);
    let what = pick(6, 4);
    let is_set = RealSystem.is_nodatacow(place.as_ref()).unwrap();
    let is_compressed = RealSystem.compression(place.as_ref()).unwrap().is_some();
    match what {
        // Of the two only one can be set.
        0 | 1 if is_set || (what == 0 && !is_compressed) => {
            must("chattr", &[if is_set { "-C" } else { "+C" }, &place]);
        }
        0 | 1 => must(
            "btrfs",
            &[
                "property",
                "set",
                &place,
                "compression",
                ["lzo", "zlib"][pick(2, 24)],
            ],
        ),
        2 => {
            let marker = format!(
                "1 {draw:032x} {}",
                ["other/volume", "shop/films2"][pick(2, 24)]
            );
            RealSystem.set_marker(place.as_ref(), &marker).unwrap();
        }
        3 => {
            let kind = RealSystem.look(place.as_ref()).unwrap().unwrap().kind;
            if kind == podman_btrfs_host::system::NodeKind::Subvolume {
                must("btrfs", &["subvolume", "delete", &place]);
            } else {
                fs::remove_dir(&place).unwrap();
            }
            if pick(2, 24) == 1 {
                fs::write(&place, "a file").unwrap();
            }
        }
        4 => must(
            "chmod",
            &[
                ["0750", "1777", "0000"][pick(3, 24)],
                &host.path(".snapshots"),
            ],
        ),
        _ => {
            let inside = host.path(
                [
                    "shop/uploads/deep",
                    "shop/nested",
                    "stray",
                    ".snapshots/y.1",
                ][pick(4, 24)],
            );
            must("btrfs", &["subvolume", "create", &inside]);
        }
    }
    format!("change {what} of {volume}")
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn any_single_change_of_a_planned_place_is_found() {
    /// Numbers that look drawn, and are the same each time.
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    for seed in 1..=40_u64 {
        let draw = seed.wrapping_mul(STEP) >> 33;
        let host = DoctorHost::new();
        assert_eq!(host.found(), Vec::new(), "seed {seed}");
        let what = change(&host, draw);
        let found = host.found();
        assert!(!found.is_empty(), "seed {seed}: {what} was not found");
    }
}
