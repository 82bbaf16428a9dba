//! `migrate-store` on a real Btrfs with a real Podman. Run by `checks/host/run` as root:
//! `cargo test -p podman-btrfs-cli --test migrate_store -- --ignored --test-threads 1`.

#[path = "common/btrfs.rs"]
mod btrfs;
mod common;
#[path = "common/hostile_tree.rs"]
mod hostile_tree;
#[path = "common/podman_host.rs"]
mod podman_host;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};

use common::Run;
use hostile_tree::{fill, list};
use podman_host::PodmanHost;

const WEB: &str = "podman-web.service";

fn ok(run: &Run) {
    assert_eq!(run.code, 0, "{}", run.shown());
}

fn refused(run: &Run, because: &str) {
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(run.stdout.contains(because), "{}", run.shown());
}

fn is_running(host: &PodmanHost) {
    assert_eq!(host.host.state(WEB), "active");
    assert_eq!(
        host.podman(&["exec", "web", "cat", "/data/text"])
            .lines()
            .count(),
        50_000
    );
}

/// Everything is as it was, but for the driver; there and back.
#[test]
#[ignore = "needs root, Btrfs in the kernel, loop devices, Podman and busybox"]
fn a_store_gets_another_driver_and_its_first_one_again_and_has_what_it_had() {
    let host = PodmanHost::new("overlay");
    host.furnish();
    let data = host.store().join("volumes/data/_data");
    fill(&data);
    // A container that used it gave it its owner long ago; what was set since is kept.
    chown(&data, Some(33), Some(44)).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o2750)).unwrap();
    is_running(&host);
    let (told, bytes, digest) = (host.told(), list(&data), host.pulled());

    for (from, to) in [("overlay", "btrfs"), ("btrfs", "overlay")] {
        let plan = host.plan(to);
        refused(&host.migrate(&plan, &[]), "switch to the configuration");
        host.configure(to);
        let dry = host.migrate(&plan, &["--dry-run"]);
        ok(&dry);
        for words in [
            &*format!("from {from} to {to}: 5 images"),
            "podman-web.service stopped",
            "`web`",
        ] {
            assert!(dry.stdout.contains(words), "{words}: {}", dry.shown());
        }
        assert_eq!(host.names(), ["storage"]);
        assert_eq!(host.driver(), from);

        let moved = host.migrate(&plan, &["--keep", "0"]);
        ok(&moved);
        assert_eq!(host.driver(), to, "{}", moved.shown());
        is_running(&host);
        assert_eq!(host.told(), told);
        assert!(list(&data) == bytes, "the volume is not the same");
        let found = fs::metadata(&data).unwrap();
        assert_eq!(
            (found.uid(), found.gid(), found.mode() & 0o7777),
            (33, 44, 0o2750)
        );
        assert_eq!(
            host.prints("localhost/two:2", &["cat", "/hi", "/ho"]),
            "hi\nho\n"
        );
        assert_eq!(host.prints(&digest, &["cat", "/ho"]), "ho\n");

        assert_eq!(host.names().len(), 2, "{:?}", host.names());
        ok(&host.migrate(&plan, &["--forget-source"]));
        assert_eq!(host.names(), ["storage"]);
        let again = host.migrate(&plan, &[]);
        ok(&again);
        assert!(again.stdout.starts_with("already"), "{}", again.shown());
        is_running(&host);
    }
}

#[test]
#[ignore = "needs root, Btrfs in the kernel, loop devices, Podman and busybox"]
fn what_nobody_makes_anew_is_left_only_when_asked_and_what_does_not_come_up_is_back() {
    let host = PodmanHost::new("btrfs");
    host.furnish();
    let plan = host.plan("overlay");
    host.configure("overlay");
    let run = [
        "run",
        "--network=none",
        "--cgroups=disabled",
        "--name=kept",
        "localhost/app:1",
    ];
    host.podman(&[&run[..], &["sh", "-c", "echo precious > /written"]].concat());
    refused(&host.migrate(&plan, &[]), "`kept`");
    assert_eq!(host.names(), ["storage"]);
    refused(&host.migrate(&plan, &["--user", "alice"]), "rootless");
    refused(&host.migrate(&plan, &["--abandon"]), "no move is begun");
    refused(&host.migrate(&plan, &["--forget-source"]), "no old store");

    // Not of a unit, and running.
    let wild = [
        "run",
        "--detach",
        "--rm",
        "--network=none",
        "--cgroups=disabled",
        "--name=wild",
    ];
    host.podman(&[&wild[..], &["localhost/app:1", "sleep", "100000"]].concat());
    let told = host.migrate(&plan, &["--leave-containers"]);
    refused(&told, "no unit that is known runs them: `wild`");
    assert!(
        told.stdout.contains("what was stopped runs again"),
        "{}",
        told.shown()
    );
    host.podman(&["stop", "--time=0", "wild"]);
    host.podman(&["exec", "web", "true"]);
    refused(
        &host.migrate(&host.plan("vfs"), &["--leave-containers"]),
        "gives it up",
    );
    ok(&host.migrate(&plan, &["--abandon"]));
    assert_eq!(host.names(), ["storage"]);

    // It does not come up once: the old store takes its place back.
    host.host.unit("podman-web.service.broken", "1");
    refused(
        &host.migrate(&plan, &["--leave-containers"]),
        "the source is as it was, and what was stopped runs again",
    );
    assert_eq!(host.driver(), "btrfs");
    host.podman(&["exec", "web", "true"]);
    ok(&host.migrate(&plan, &["--leave-containers"]));
    assert_eq!(host.driver(), "overlay");
    host.podman(&["exec", "web", "true"]);
    assert_eq!(
        host.podman(&["ps", "--all", "--format", "{{.Names}}"]),
        "web\n"
    );
    // What was written in it is in the old store.
    let old = host
        .names()
        .into_iter()
        .find(|name| name != "storage")
        .unwrap();
    let layers = host.host.disks[0]
        .top
        .join("@containers")
        .join(old)
        .join("btrfs/subvolumes");
    let mut layers = fs::read_dir(layers).unwrap();
    assert!(layers.any(|layer| layer.unwrap().path().join("written").exists()));
    refused(&host.migrate(&plan, &["--forget-source"]), "14 more days");
}
