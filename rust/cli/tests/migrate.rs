//! `migrate` on a real Btrfs, each kind of move. Run by `checks/host/run` as root:
//! `cargo test -p podman-btrfs-cli --test migrate -- --ignored --test-threads 1`.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "common/btrfs.rs"]
mod btrfs;
mod common;
#[path = "common/hostile_tree.rs"]
mod hostile_tree;

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use btrfs::{Host, sh};
use common::Run;
use hostile_tree::{fill, list};
use podman_btrfs_host::system::{NodeKind, RealSystem, System as _};

/// One workload with one volume; `VOLUME` stands for what else is declared of it.
const SHOP: &str = r#"{
  "filesystems": {"tank": {"device": "DISK0", "mountPoint": "/srv/podman-btrfs-test"}},
  "policies": {"hourly": {"rpo": "1h", "keep": {"hourly": 24}}},
  "workloads": {"shop": {
    "containers": {"web": {}, "other": {}},
    "protection": {"policy": "hourly"},
    "volumes": {"files": {"mounts": {"web": "/files"} VOLUME}, "more": {"mounts": {"other": "/more"}}}
  }}
}"#;

const GROUP: &str = ", \"copyOnWrite\": true";
const OWN: &str = ", \"snapshot\": false, \"copyOnWrite\": true";
const OWN_NODATACOW: &str = ", \"snapshot\": false, \"copyOnWrite\": false";

fn shop(host: &Host, name: &str, volume: &str) -> PathBuf {
    host.plan(name, &SHOP.replace("VOLUME", volume))
}

fn ok(run: &Run) {
    assert_eq!(run.code, 0, "{}", run.shown());
}

fn refused(run: &Run, because: &str) {
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(run.stdout.contains(because), "{}", run.shown());
}

/// What is kept of a volume, on the first disk.
fn kept(host: &Host, journal: &str) -> Vec<PathBuf> {
    let text = fs::read_to_string(host.journal(journal)).unwrap();
    let journal: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(journal["stage"], "done");
    let all = journal["kept"].as_array().unwrap().iter();
    all.map(|kept| {
        host.disks[0]
            .top
            .join(kept["spot"]["path"].as_str().unwrap())
    })
    .collect()
}

fn kind(path: &Path) -> NodeKind {
    RealSystem.look(path).unwrap().unwrap().kind
}

/// Nothing of a move is left but what the journal names.
fn no_leftovers(above: &Path, but: &[PathBuf]) {
    let names = fs::read_dir(above)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let ours = |path: &PathBuf| path.to_string_lossy().contains(".podman-btrfs-");
    let left: Vec<PathBuf> = names
        .filter(ours)
        .filter(|path| !but.contains(path))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

const FILES: &str = "shop/files";
const JOURNAL: &str = "shop+files.json";

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_directory_becomes_a_subvolume_at_the_same_path() {
    let host = Host::new(1, 700);
    let plan = shop(&host, "own", OWN);
    host.apply(&plan);
    let place = host.disks[0].top.join("@volumes/shop+files");
    sh("btrfs", &["subvolume", "delete", &place.to_string_lossy()]);
    fs::create_dir(&place).unwrap();
    fill(&place);
    let before = list(&place);
    host.unit("podman-web.service", "active");
    host.unit("podman-web.service.requiredby", "shop.target");
    host.unit("shop.target", "active");
    host.unit("podman-other.service", "active");

    let dry = host.migrate(&plan, &[FILES, "--dry-run"]);
    ok(&dry);
    assert!(
        dry.stdout.contains("it is a directory and no subvolume"),
        "{}",
        dry.shown()
    );
    assert!(
        dry.stdout
            .contains("podman-web.service, shop.target stopped"),
        "{}",
        dry.shown()
    );
    assert!(!host.journal(JOURNAL).exists(), "a dry run begins nothing");
    assert_eq!(host.calls(), [""; 0]);

    ok(&host.migrate(&plan, &[FILES]));
    assert_eq!(kind(&place), NodeKind::Subvolume);
    assert_eq!(list(&place), before);
    let kept = kept(&host, JOURNAL);
    assert_eq!(kept.len(), 1);
    assert_eq!(list(&kept[0]), before, "the source is kept");
    no_leftovers(&host.disks[0].top.join("@volumes"), &kept);
    assert_eq!(
        host.calls(),
        [
            "stop podman-web.service shop.target",
            "start podman-web.service shop.target"
        ],
        "exactly what was running is stopped, and started"
    );

    let again = host.migrate(&plan, &[FILES]);
    ok(&again);
    assert!(
        again.stdout.contains("already: shop/files lies as planned"),
        "{}",
        again.shown()
    );
    host.apply(&plan);
    refused(
        &host.migrate(&plan, &[FILES, "--forget-source"]),
        "kept for 14 more days",
    );
    assert!(kept[0].exists());
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn nodatacow_is_set_and_taken_away_again_and_so_is_compression() {
    let host = Host::new(1, 900);
    let cow = shop(&host, "cow", &format!("{OWN}, \"compression\": \"zstd\""));
    let nodatacow = shop(&host, "nodatacow", OWN_NODATACOW);
    host.apply(&cow);
    let place = host.disks[0].top.join("@volumes/shop+files");
    fill(&place);
    let before = list(&place);
    assert_eq!(
        RealSystem.compression(&place).unwrap().as_deref(),
        Some("zstd")
    );

    ok(&host.migrate(&nodatacow, &[FILES]));
    assert_eq!(list(&place), before);
    for file in ["data", "deep/er/file7", "sparse"] {
        assert!(
            RealSystem.is_nodatacow(&place.join(file)).unwrap(),
            "{file}"
        );
    }
    assert_eq!(RealSystem.compression(&place.join("data")).unwrap(), None);
    host.apply(&nodatacow);

    ok(&host.migrate(&cow, &[FILES]));
    assert_eq!(list(&place), before);
    assert!(!RealSystem.is_nodatacow(&place.join("data")).unwrap());
    assert_eq!(
        RealSystem
            .compression(&place.join("data"))
            .unwrap()
            .as_deref(),
        Some("zstd")
    );
    host.apply(&cow);
    assert_eq!(kept(&host, JOURNAL).len(), 2, "both sources are kept");
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_directory_of_a_group_becomes_a_subvolume_of_its_own_and_one_of_the_group_again() {
    let host = Host::new(1, 900);
    let (group, own) = (shop(&host, "group", GROUP), shop(&host, "own", OWN));
    host.apply(&group);
    let volumes = host.disks[0].top.join("@volumes");
    let (in_group, alone) = (volumes.join("shop/files"), volumes.join("shop+files"));
    fill(&in_group);
    let before = list(&in_group);

    ok(&host.migrate(&own, &[FILES]));
    assert_eq!(
        (kind(&alone), list(&alone)),
        (NodeKind::Subvolume, before.clone())
    );
    assert_eq!(list(&in_group), before, "the source stays where it was");
    host.apply(&own);
    assert_eq!(list(&alone), before);

    // Back: the former place still holds the source of the first move.
    refused(
        &host.migrate(&group, &[FILES]),
        "both @volumes/shop+files of tank and the planned @volumes/shop/files hold data",
    );
    fs::rename(&in_group, volumes.join("shop/old")).unwrap();
    ok(&host.migrate(&group, &[FILES]));
    assert_eq!(
        (kind(&in_group), list(&in_group)),
        (NodeKind::Directory, before)
    );
    host.apply(&group);
    no_leftovers(&volumes, &[]);
    no_leftovers(&volumes.join("shop"), &[]);
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_volume_moves_to_another_filesystem() {
    let host = Host::new(2, 700);
    let two = |volume: &str| {
        let second =
            r#""second": {"device": "DISK1", "mountPoint": "/srv/podman-btrfs-other"}, "tank""#;
        SHOP.replacen("\"tank\"", second, 1)
            .replacen(
                "\"policies\"",
                "\"engine\": {\"filesystem\": \"tank\"}, \"policies\"",
                1,
            )
            .replace("\"protection\"", "\"filesystem\": \"tank\", \"protection\"")
            .replace("VOLUME", volume)
    };
    let here = host.plan("here", &two(OWN));
    let there = host.plan(
        "there",
        &two(&format!("{OWN_NODATACOW}, \"filesystem\": \"second\"")),
    );
    host.apply(&here);
    let source = host.disks[0].top.join("@volumes/shop+files");
    fill(&source);
    let before = list(&source);
    // Which holds it back, and makes nothing empty.
    let held = common::run_with(host.on_host("apply", &there, &[]), "");
    assert_eq!(held.code, 1, "{}", held.shown());

    ok(&host.migrate(&there, &[FILES]));
    let place = host.disks[1].top.join("@volumes/shop+files");
    assert_eq!(
        (kind(&place), list(&place)),
        (NodeKind::Subvolume, before.clone())
    );
    assert!(RealSystem.is_nodatacow(&place.join("data")).unwrap());
    assert_eq!(list(&source), before);
    host.apply(&there);

    let now = host.migrate(&there, &[FILES, "--forget-source"]);
    refused(&now, "kept for 14 more days");
    let retired = host.ending("retire", &there, &["--confirm", FILES, "--now"]);
    ok(&common::run_with(retired, ""));
    assert!(
        !source.exists(),
        "the ledger knows it as left, and `retire` ends it"
    );
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_named_volume_becomes_a_declared_one() {
    let host = Host::new(1, 700);
    let plan = shop(&host, "group", GROUP);
    // `apply` made the planned place already, empty.
    host.apply(&plan);
    let outside = host.path("storage/volumes/shop/_data");
    fs::create_dir_all(&outside).unwrap();
    fill(&outside);
    let before = list(&outside);
    let from = outside.to_string_lossy().into_owned();
    let nothing = host.migrate(&plan, &[FILES]);
    assert!(
        nothing.stdout.contains("nothing: shop/files has no data"),
        "{}",
        nothing.shown()
    );

    ok(&host.migrate(&plan, &[FILES, "--from", &from, "--keep", "0"]));
    let place = host.disks[0].top.join("@volumes/shop/files");
    assert_eq!(list(&place), before);
    no_leftovers(&host.disks[0].top.join("@volumes/shop"), &[]);
    host.apply(&plan);
    refused(
        &host.migrate(&plan, &[FILES, "--from", &from]),
        "holds data, which would be replaced",
    );

    let elsewhere = host.path("elsewhere");
    fs::rename(&outside, &elsewhere).unwrap();
    fs::create_dir(&outside).unwrap();
    refused(
        &host.migrate(&plan, &[FILES, "--forget-source"]),
        "is not what was kept there, and stays",
    );
    fs::remove_dir(&outside).unwrap();
    fs::rename(&elsewhere, &outside).unwrap();
    ok(&host.migrate(&plan, &[FILES, "--forget-source"]));
    assert!(!outside.exists());
    assert_eq!(list(&place), before);
    assert!(
        !host.journal(JOURNAL).exists(),
        "nothing is left to be remembered"
    );
}

/// A volume that is to become nodatacow, with a unit that runs.
fn to_nodatacow(mib: u64) -> (Host, PathBuf, PathBuf) {
    let host = Host::new(1, mib);
    host.apply(&shop(&host, "cow", OWN));
    let plan = shop(&host, "nodatacow", OWN_NODATACOW);
    let place = host.disks[0].top.join("@volumes/shop+files");
    fill(&place);
    host.unit("podman-web.service", "active");
    (host, plan, place)
}

/// After a move that was not made: the volume is what it was, its unit runs, and the next try can succeed.
fn as_it_was(host: &Host, place: &Path, before: &std::collections::BTreeMap<PathBuf, String>) {
    assert_eq!(&list(place), before);
    assert!(!RealSystem.is_nodatacow(place).unwrap());
    assert_eq!(host.state("podman-web.service"), "active");
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_unit_that_does_not_come_up_brings_the_source_back() {
    let (host, plan, place) = to_nodatacow(700);
    let (before, inode) = (
        list(&place),
        fs::metadata(place.join("data")).unwrap().ino(),
    );
    let ledger = fs::read_to_string(host.path("receipts/ledger.json")).unwrap();
    host.unit("podman-web.service.broken", "1");
    let run = host.migrate(&plan, &[FILES]);
    refused(
        &run,
        "does not come up on the new place: Job for podman-web.service failed.",
    );
    assert!(
        run.stdout.contains("what was stopped runs again"),
        "{}",
        run.shown()
    );
    as_it_was(&host, &place, &before);
    assert_eq!(fs::metadata(place.join("data")).unwrap().ino(), inode);
    assert_eq!(
        fs::read_to_string(host.path("receipts/ledger.json")).unwrap(),
        ledger
    );

    ok(&host.migrate(&plan, &[FILES]));
    assert_eq!(list(&place), before);
    assert!(RealSystem.is_nodatacow(&place).unwrap());
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn what_is_in_use_or_holds_a_subvolume_or_a_mount_is_refused() {
    let (host, plan, place) = to_nodatacow(700);
    let before = list(&place);
    let open = fs::File::open(place.join("deep/er/file3")).unwrap();
    let run = host.migrate(&plan, &[FILES]);
    refused(&run, "has `deep/er/file3` open");
    drop(open);
    as_it_was(&host, &place, &before);

    let bound = host.path("bound");
    fs::create_dir(&bound).unwrap();
    sh(
        "mount",
        &[
            "--bind",
            &place.join("deep").to_string_lossy(),
            &bound.to_string_lossy(),
        ],
    );
    refused(&host.migrate(&plan, &[FILES]), "has it mounted at");
    as_it_was(&host, &place, &before);
    sh("umount", &[&bound.to_string_lossy()]);

    let inside = place.join("deep/inside").to_string_lossy().into_owned();
    sh("btrfs", &["subvolume", "create", &inside]);
    refused(
        &host.migrate(&plan, &[FILES]),
        "subvolumes or mounts lie in it, which a move would leave behind: `deep/inside`",
    );
    sh("btrfs", &["subvolume", "delete", &inside]);
    assert_eq!(host.state("podman-web.service"), "active");

    ok(&host.migrate(&plan, &[FILES, "--abandon"]));
    no_leftovers(&host.disks[0].top.join("@volumes"), &[]);
    assert!(!host.journal(JOURNAL).exists());
    refused(
        &host.migrate(&plan, &[FILES, "--abandon"]),
        "no move of shop/files is begun",
    );
}

/// Runs the real rsync, then does something to the copy, whose path is the last argument.
fn rsync_and(host: &Host, then: &str) {
    host.program("rsync", &format!("#!/bin/sh\nfor copy in \"$@\"; do :; done\n/usr/bin/rsync \"$@\" || exit $?\n[ \"$1\" = --version ] || {{ {then}; }}\n"));
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_copy_that_is_not_the_same_never_becomes_the_volume() {
    let (host, plan, place) = to_nodatacow(700);
    let before = list(&place);
    for (then, told) in [
        (
            "touch --reference \"$copy/data\" \"$copy.t\"; printf x | dd of=\"$copy/data\" seek=77 bs=1 conv=notrunc status=none; touch --reference \"$copy.t\" \"$copy/data\"; rm \"$copy.t\"",
            "data: its content differs",
        ),
        (
            "rm \"$copy/deep/er/file9\"; touch --reference \"$copy/text\" \"$copy/deep/er\"",
            "deep/er/file9: it is not in the copy",
        ),
        ("mkdir \"$copy/more\"", "more: it is only in the copy"),
        (
            "chown 5 \"$copy/empty\"",
            "empty: its owner is 0, and 5 in the copy",
        ),
        ("chmod 0755 \"$copy/text\"", "text: its type and mode is"),
        (
            "cp --archive --remove-destination \"$copy/text\" \"$copy/zz\"",
            "zz: it is linked to other files",
        ),
        (
            "ln --symbolic --force --no-dereference elsewhere \"$copy/link in\"",
            "link in: it leads elsewhere",
        ),
        (
            "rm \"$copy/null\"; mknod --mode 640 \"$copy/null\" c 1 5; touch --reference \"$copy/text\" \"$copy\"",
            "null: it is another device",
        ),
    ] {
        rsync_and(&host, then);
        let run = host.migrate(&plan, &[FILES]);
        refused(&run, "the copy is not the same as the source: ");
        assert!(run.stdout.contains(told), "{told}: {}", run.shown());
        as_it_was(&host, &place, &before);
    }
    fs::remove_file(host.path("bin/rsync")).unwrap();
    ok(&host.migrate(&plan, &[FILES]));
    assert_eq!(list(&place), before);
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_copy_that_keeps_size_and_time_of_change_is_still_brought_up_to_date() {
    let (host, plan, place) = to_nodatacow(700);
    let data = place.join("text");
    // What is written after the first copy, as through a mapping of the file whose time of change is set back.
    host.program("rsync", &format!(
        "#!/bin/sh\n/usr/bin/rsync \"$@\" || exit $?\n[ \"$1\" = --version ] || [ -e '{1}' ] || {{ touch '{1}'; touch --reference '{0}' '{1}'; printf NEW | dd of='{0}' conv=notrunc status=none; touch --reference '{1}' '{0}'; }}\n",
        data.display(), host.path("done").display()));
    ok(&host.migrate(&plan, &[FILES]));
    assert!(fs::read_to_string(&data).unwrap().starts_with("NEW"));
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_filesystem_that_fills_up_leaves_everything_as_it_was() {
    let (host, plan, place) = to_nodatacow(400);
    let before = list(&place);
    let ballast = host.disks[0].top.join("ballast");
    let fill = format!(
        "dd if=/dev/urandom of='{}' bs=1M status=none",
        ballast.display()
    );
    host.program(
        "rsync",
        &format!(
            "#!/bin/sh\n[ \"$1\" = --version ] || {fill} 2>/dev/null\nexec /usr/bin/rsync \"$@\"\n"
        ),
    );
    let run = host.migrate(&plan, &[FILES]);
    refused(
        &run,
        "the copy does not fit on tank, and was deleted; make room, and begin again",
    );
    as_it_was(&host, &place, &before);
    no_leftovers(&host.disks[0].top.join("@volumes"), &[]);
    fs::remove_file(host.path("bin/rsync")).unwrap();
    sh(
        "btrfs",
        &["filesystem", "sync", &host.disks[0].top.to_string_lossy()],
    );

    refused(&host.migrate(&plan, &[FILES]), "do not fit");
    as_it_was(&host, &place, &before);
    fs::remove_file(&ballast).unwrap();
    sh(
        "btrfs",
        &["filesystem", "sync", &host.disks[0].top.to_string_lossy()],
    );
    ok(&host.migrate(&plan, &[FILES]));
    assert_eq!(list(&place), before);
}

#[test]
#[ignore = "needs root, Btrfs in the kernel and loop devices"]
fn a_filesystem_that_turned_read_only_and_a_journal_that_is_not_understood_are_told() {
    let (host, plan, place) = to_nodatacow(700);
    let before = list(&place);
    let top = host.disks[0].top.to_string_lossy().into_owned();
    // The whole filesystem, as after an error: not only this mount of it.
    host.program("mount", "#!/bin/sh\nexec /usr/bin/mount -r \"$@\"\n");
    let run = host.migrate(&plan, &[FILES]);
    assert_eq!(run.code, 2, "{}", run.shown());
    assert!(
        run.stderr.contains("Read-only file system"),
        "{}",
        run.shown()
    );
    fs::remove_file(host.path("bin/mount")).unwrap();
    as_it_was(&host, &place, &before);
    assert!(
        !fs::read_to_string("/proc/self/mounts")
            .unwrap()
            .contains(&*host.path("work").to_string_lossy()),
        "{top}"
    );

    let journal = host.journal(JOURNAL);
    let text = fs::read_to_string(&journal).unwrap();
    for wrong in [
        text[..text.len() / 2].to_owned(),
        text.replace("\"journalVersion\": 1", "\"journalVersion\": 2"),
    ] {
        fs::write(&journal, &wrong).unwrap();
        let run = host.migrate(&plan, &[FILES]);
        assert_eq!(run.code, 2, "{}", run.shown());
        assert!(run.stderr.contains("is not understood"), "{}", run.shown());
        assert_eq!(fs::read_to_string(&journal).unwrap(), wrong);
        as_it_was(&host, &place, &before);
    }
    fs::write(&journal, text).unwrap();
    ok(&host.migrate(&plan, &[FILES]));
    assert_eq!(list(&place), before);
}
