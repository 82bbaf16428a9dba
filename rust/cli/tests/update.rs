//! `update` on a real Btrfs with a real Podman. Run by `checks/host/run` as root:
//! `cargo test -p podman-btrfs-cli --test update -- --ignored --test-threads 1`.

#[path = "common/btrfs.rs"]
mod btrfs;
mod common;
#[path = "common/podman_host.rs"]
mod podman_host;
#[path = "common/updated_host.rs"]
mod updated_host;

use std::fs;

use common::Run;
use updated_host::{MIGRATES_AND_FAILS, NEW, REFUSES, ROWS, Updated};

fn ok(run: &Run, because: &str) {
    assert_eq!(run.code, 0, "{}", run.shown());
    assert!(run.stdout.contains(because), "{because}: {}", run.shown());
}

fn refused(run: &Run, because: &str) {
    assert_eq!(run.code, 1, "{}", run.shown());
    assert!(run.stdout.contains(because), "{because}: {}", run.shown());
}

const QUICK: [&str; 3] = ["shop", "--health-window", "2"];

/// A good one, and both kinds of wrong ones; what is kept of them, and the way back by hand.
#[test]
#[ignore = "needs root, Btrfs in the kernel, loop devices, Podman and busybox"]
fn image_and_data_go_forward_together_or_back_together() {
    let host = Updated::new();
    let old = host.id("localhost/app:1");
    ok(
        &host.update(&QUICK),
        "nothing: shop runs the newest images that are known",
    );
    assert!(
        host.host()
            .calls()
            .iter()
            .all(|call| !call.starts_with("stop")),
        "nothing stopped"
    );

    for (does, why) in [
        (REFUSES, "podman-app.service is failed"),
        (MIGRATES_AND_FAILS, "podman-app.service is failed"),
    ] {
        let failed = host.image("localhost/app:1", does);
        let dry = host.update(&["shop", "--dry-run"]);
        ok(&dry, "in no snapshot, and not taken back: shop/cache");
        assert_eq!(host.id("localhost/app:1"), failed, "it was only looked");
        let run = host.update(&QUICK);
        refused(
            &run,
            "went back: shop runs on its old image and its old data",
        );
        for part in [
            why,
            "the data of shop is as it was before the update",
            "is kept as localhost/podman-btrfs/failed:app",
        ] {
            assert!(run.stdout.contains(part), "{part}: {}", run.shown());
        }
        host.is_old(&old, &run.shown());
        host.nothing_open(&run.shown());
        assert_eq!(host.id("localhost/podman-btrfs/failed:app"), failed);
        // Nobody put the failed data under the old image.
        refused(&host.on(&["shop"], "undo"), "an image whose update failed");
        ok(&host.update(&QUICK), "nothing: shop");
    }
    // What the one that migrated left is there to be looked at.
    let kept = fs::read_dir(host.host().path("tank/.snapshots"))
        .unwrap()
        .flatten();
    let mut kept = kept.filter(|one| {
        one.file_name()
            .to_string_lossy()
            .starts_with(".podman-btrfs-undo-")
    });
    assert!(kept.any(|one| {
        fs::read_to_string(one.path().join("data/version")).is_ok_and(|text| text == "2\n")
    }));

    let new = host.image("localhost/app:1", NEW);
    let run = host.update(&QUICK);
    ok(&run, "done: shop runs on what is new");
    host.is_new(&new, &run.shown());
    host.nothing_open(&run.shown());
    assert_eq!(host.id("localhost/podman-btrfs/before:app"), old);
    ok(&host.update(&QUICK), "nothing: shop");

    refused(&host.update(&["shop", "--back"]), "it was asked for");
    host.is_old(&old, "taken back by hand");
    refused(&host.update(&["shop", "--back"]), "was taken back already");
}

#[test]
#[ignore = "needs root, Btrfs in the kernel, loop devices, Podman and busybox"]
fn a_reference_is_of_all_that_run_by_it_and_what_could_not_go_back_is_refused() {
    let host = Updated::new();
    let old = host.id("localhost/app:1");
    host.start("other");

    // Both run by it, so both are updated, and go back, together.
    let failed = host.image("localhost/app:1", MIGRATES_AND_FAILS);
    let run = host.update(&["other", "--health-window", "3"]);
    refused(&run, "went back: other, shop runs");
    host.is_old(&old, &run.shown());
    assert_eq!(host.runs("other"), old);
    assert_eq!(host.holds("other/files", "rows"), ROWS);

    // Another one of them runs the new image already.
    host.podman.podman(&["tag", &failed, "localhost/app:1"]);
    let newer = host.image("localhost/app:1", "exec sleep 100000\n");
    host.stop("other");
    host.start("other");
    refused(
        &host.update(&QUICK),
        "a way back would put one image under the other's data",
    );
    assert_eq!(host.id("localhost/app:1"), newer, "nothing was changed");
    host.is_running(&old);
    host.stop("other");

    // By a digest, by another name than planned, and one that does not run.
    let digest = host
        .podman
        .podman(&["image", "inspect", "--format", "{{.Digest}}", &old]);
    for (reference, because) in [
        (
            format!("localhost/app@{}", digest.trim()),
            "pinned by the digest",
        ),
        (
            "localhost/podman-btrfs/failed:other".to_owned(),
            "the plan has localhost/app:1 for it",
        ),
    ] {
        host.podman.podman(&["tag", &old, "localhost/app:1"]);
        host.stop("app");
        host.refer("app", &reference);
        host.start("app");
        host.podman.podman(&["tag", &newer, "localhost/app:1"]);
        ok(&host.update(&QUICK), because);
        refused(
            &host.update(&["shop", "--image", "app=localhost/app:1"]),
            because,
        );
    }
    host.stop("app");
    refused(
        &host.update(&[
            "shop",
            "--image",
            "app=localhost/app:1",
            "--image",
            "nobody=localhost/app:1",
        ]),
        "shop has no container nobody; it has app, side; app does not run",
    );
    refused(
        &host.update(&["nothing"]),
        "the plan has no workload `nothing`; it has other, shop",
    );
    refused(&host.update(&["shop", "--back"]), "was taken back already");
}

/// As `podman auto-update` knows them, and an image from elsewhere.
#[test]
#[ignore = "needs root, Btrfs in the kernel, loop devices, Podman and busybox"]
fn labelled_containers_are_updated_by_themselves_and_what_failed_is_not_tried_again() {
    let host = Updated::new();
    let old = host.id("localhost/app:1");
    host.image("localhost/app:1", REFUSES);
    ok(
        &host.update(&["--auto"]),
        "other runs the newest images that are known",
    );
    host.is_running(&old);

    host.podman.podman(&["tag", &old, "localhost/app:1"]);
    host.stop("app");
    host.unit("app", "--label io.containers.autoupdate=local");
    host.start("app");
    let failed = host.image("localhost/app:1", REFUSES);
    refused(
        &host.update(&["--auto", "--health-window", "3"]),
        "went back: shop",
    );
    host.is_old(&old, "by itself");
    host.podman.podman(&["tag", &failed, "localhost/app:1"]);
    ok(&host.update(&["--auto"]), "it is not tried again by itself");
    host.is_old(&old, "not tried again");

    // A registry that is not there: nothing was changed.
    let run = host.update(&["shop", "--image", "app=localhost.invalid/app:2"]);
    assert_eq!(run.code, 2, "{}", run.shown());
    assert!(
        run.stderr.contains("nothing was changed"),
        "{}",
        run.shown()
    );
    host.is_old(&old, "not pulled");
    host.nothing_open("not pulled");

    let new = host.image("localhost/elsewhere:7", NEW);
    let run = host.update(&[
        "shop",
        "--image",
        "app=localhost/elsewhere:7",
        "--health-window",
        "3",
    ]);
    ok(&run, "done: shop");
    host.is_new(&new, "from elsewhere");
}
