//! Everything that can be made otherwise than planned by hand.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;

use podman_btrfs_core::drift::Remedy;
use podman_btrfs_host::system::{RealSystem, System as _};

use crate::doctor_host::{DoctorHost, must};

/// What is done to a host, and what is then found.
pub(crate) type Case = (&'static str, Remedy, fn(&DoctorHost));

/// Every kind that can be made by hand, with its remedy. Each is made on a host that is as planned.
pub(crate) const CASES: &[Case] = &[
    ("PB822", Remedy::Person, |host| {
        let place = host.path(".snapshots");
        must("umount", &["--", &place]);
        must("mount", &["-t", "tmpfs", "none", &place]);
    }),
    ("PB822", Remedy::Person, |host| {
        let place = host.path(".snapshots");
        must("umount", &["--", &place]);
        let options = "noatime,compress=zstd:1,subvol=/@volumes";
        must("mount", &["-o", options, &host.lab.device, &place]);
    }),
    ("PB823", Remedy::Person, |host| {
        must("umount", &["--", &host.path(".snapshots")]);
    }),
    ("PB824", Remedy::Person, |host| {
        must("mount", &["-o", "remount,compress=zstd:5", &host.path("")]);
    }),
    ("PB824", Remedy::Person, |host| {
        must("mount", &["-o", "remount,autodefrag", &host.path("")]);
    }),
    ("PB825", Remedy::Person, |host| {
        must("mount", &["-o", "remount,ro", &host.path("")]);
    }),
    ("PB826", Remedy::Person, |host| {
        let arguments = ["balance", "start", "-f", "-mconvert=single", "--"];
        must("btrfs", &[&arguments[..], &[&host.path("")]].concat());
    }),
    ("PB829", Remedy::Apply, |host| {
        fs::remove_dir(host.path("shop/uploads")).unwrap();
    }),
    ("PB829", Remedy::Apply, |host| {
        must("btrfs", &["subvolume", "delete", &host.path("shop")]);
    }),
    ("PB830", Remedy::Person, |host| {
        must(
            "btrfs",
            &["subvolume", "delete", &host.path("metrics+samples")],
        );
        fs::create_dir(host.path("metrics+samples")).unwrap();
    }),
    ("PB830", Remedy::Migrate, |host| {
        must(
            "btrfs",
            &["subvolume", "delete", &host.path("metrics+samples")],
        );
        fs::create_dir(host.path("metrics+samples")).unwrap();
        fs::write(host.path("metrics+samples/file"), "x").unwrap();
    }),
    ("PB830", Remedy::Person, |host| {
        fs::remove_dir(host.path("shop/uploads")).unwrap();
        std::os::unix::fs::symlink("/etc", host.path("shop/uploads")).unwrap();
    }),
    ("PB831", Remedy::Person, |host| {
        must(
            "btrfs",
            &["subvolume", "create", &host.path("shop/uploads/x y")],
        );
    }),
    ("PB832", Remedy::Person, |host| {
        must("chattr", &["+C", &host.path("shop/uploads")]);
    }),
    ("PB832", Remedy::Migrate, |host| {
        must("chattr", &["+C", &host.path("shop/uploads")]);
        fs::write(host.path("shop/uploads/file"), "x").unwrap();
    }),
    ("PB833", Remedy::Person, |host| {
        must(
            "btrfs",
            &[
                "property",
                "set",
                &host.path("shop/uploads"),
                "compression",
                "lzo",
            ],
        );
    }),
    ("PB835", Remedy::Person, |host| {
        must("btrfs", &["quota", "enable", &host.path("")]);
    }),
    ("PB836", Remedy::Apply, |host| {
        fs::remove_dir(host.path("shop/uploads")).unwrap();
        fs::create_dir(host.path("shop/uploads")).unwrap();
    }),
    ("PB837", Remedy::Person, |host| {
        let place = host.path("shop/uploads");
        let marker = "1 00112233445566778899aabbccddeeff blog/uploads";
        RealSystem.set_marker(place.as_ref(), marker).unwrap();
    }),
    ("PB838", Remedy::Person, |host| {
        must("chmod", &["0711", &host.path(".snapshots")]);
    }),
    ("PB838", Remedy::Person, |host| {
        must("chown", &["nobody", &host.path(".snapshots")]);
    }),
    ("PB839", Remedy::Person, |host| {
        let (from, to) = (
            host.path("shop"),
            host.path(".snapshots/shop.20270101T0000"),
        );
        must("btrfs", &["subvolume", "snapshot", &from, &to]);
    }),
    ("PB840", Remedy::Person, |host| {
        must(
            "fallocate",
            &["-l", "420M", &host.path("shop/uploads/large")],
        );
        must("btrfs", &["filesystem", "sync", &host.path("")]);
    }),
    ("PB842", Remedy::Person, |host| {
        let layers = host.store("btrfs/subvolumes");
        fs::create_dir_all(&layers).unwrap();
        must("btrfs", &["subvolume", "create", &format!("{layers}/0f1e")]);
    }),
    ("PB843", Remedy::Person, |host| host.configure("vfs")),
    ("PB843", Remedy::Migrate, |host| {
        fs::create_dir_all(host.store("vfs-layers")).unwrap();
        fs::write(host.store("vfs-layers/layers.json"), r#"[{"id": "a"}]"#).unwrap();
    }),
    ("PB846", Remedy::Person, |host| {
        must("btrfs", &["subvolume", "create", &host.path("blog")]);
    }),
    ("PB820", Remedy::Person, |host| {
        let place = host.path("shop/uploads");
        RealSystem
            .set_marker(place.as_ref(), "2 another form")
            .unwrap();
    }),
    ("PB820", Remedy::Person, |host| {
        fs::create_dir_all(host.store("btrfs/subvolumes")).unwrap();
        std::os::unix::fs::symlink("/etc", host.store("btrfs-layers")).unwrap();
    }),
    // A link on the way: what lies behind it is somebody else's.
    ("PB820", Remedy::Person, |host| {
        must("btrfs", &["subvolume", "delete", &host.path("shop")]);
        std::os::unix::fs::symlink("/etc", host.path("shop")).unwrap();
    }),
];
