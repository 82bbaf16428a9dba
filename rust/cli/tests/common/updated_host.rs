//! A host with a real Podman and a workload of two containers on two subvolumes, whose images are made on the spot: each knows which
//! version of the data it can read.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a part of tests, of which each takes what it needs"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::btrfs::{Host, sh};
use crate::common::{Run, run_with};
use crate::podman_host::PodmanHost;

const SHOP: &str = r#"{
  "host": {"btrfsProgs": "6.2"},
  "filesystems": {"tank": {"device": "DISK0", "mountPoint": "HERE/tank"}},
  "engine": {"driver": "overlay"},
  "policies": {"hourly": {"rpo": "1h", "keep": {"hourly": 24}}},
  "workloads": {
    "shop": {
      "containers": {"app": {"image": "localhost/app:1"}, "side": {"image": "localhost/side:1"}},
      "protection": {"policy": "hourly", "consistency": "crash"},
      "volumes": {
        "data": {"mounts": {"app": "/data"}, "copyOnWrite": true},
        "own": {"mounts": {"app": "/own", "side": "/own"}, "limit": "300M", "copyOnWrite": true},
        "cache": {"mounts": {"app": "/cache"}, "class": "cache"}
      }
    },
    "other": {
      "containers": {"other": {"image": "localhost/app:1"}},
      "protection": {"policy": "hourly", "consistency": "crash"},
      "volumes": {"files": {"mounts": {"other": "/data"}, "copyOnWrite": true}}
    }
  }
}"#;

/// How a container is run by its unit: as NixOS does, removed when it stops and made anew by its reference when it starts.
const UNIT: &str = r#"#!/bin/sh
podman=/usr/bin/podman
case $1 in
  start) exec $podman run --detach --rm --replace --pull=never --name NAME --network none --cgroups disabled LABEL VOLUMES "$(cat HERE/NAME.reference)" ;;
  stop) $podman stop --ignore --time 0 NAME; $podman rm --force --ignore NAME ;;
esac
"#;

/// The state of the unit, once it was started, is that of its container.
const STATE: &str = r#"#!/bin/sh
[ "$1" = active ] || { echo "$1"; exit 0; }
[ "$(/usr/bin/podman container inspect --format '{{.State.Running}}' NAME 2> /dev/null)" = true ] && echo active || echo failed
"#;

/// What an image does when it starts; each version refuses data that is newer than it.
pub const OLD: &str = "[ \"$(cat /data/version)\" = 1 ] || exit 3\nexec sleep 100000\n";
pub const NEW: &str = "echo 2 > /data/version\nexec sleep 100000\n";
pub const REFUSES: &str = "exit 1\n";
pub const MIGRATES_AND_FAILS: &str =
    "echo 2 > /data/version\nrm /data/rows\necho gone > /own/rows\nsleep 1\nexit 1\n";

/// The containers, and what is mounted into each.
const CONTAINERS: [(&str, &str, &str); 3] = [
    (
        "app",
        "localhost/app:1",
        "--volume HERE/tank/shop/data:/data --volume HERE/tank/shop+own:/own",
    ),
    (
        "side",
        "localhost/side:1",
        "--volume HERE/tank/shop+own:/data",
    ),
    (
        "other",
        "localhost/app:1",
        "--volume HERE/tank/other/files:/data",
    ),
];

pub const ROWS: &str = "one\ntwo\n";

pub struct Updated {
    pub podman: PodmanHost,
    pub plan: PathBuf,
}

impl Updated {
    pub fn new() -> Self {
        let host = Host::new(1, 1500);
        let plan = host.plan_here("shop", SHOP);
        host.apply(&plan);
        let here = host.directory.path().to_owned();
        for (subvolume, place) in [("@volumes", "tank"), ("@snapshots", "tank/.snapshots")] {
            let place = here.join(place);
            fs::create_dir_all(&place).unwrap();
            let options = format!("noatime,subvol={subvolume}");
            sh(
                "mount",
                &[
                    "-o",
                    &options,
                    &host.disks[0].device,
                    &place.to_string_lossy(),
                ],
            );
        }
        let updated = Self {
            podman: PodmanHost::on(host, "overlay"),
            plan,
        };
        updated.image("localhost/app:1", OLD);
        updated.image("localhost/side:1", OLD);
        for volume in ["shop/data", "shop+own", "other/files"] {
            updated.write(volume, "version", "1\n");
            updated.write(volume, "rows", ROWS);
        }
        for (name, reference, _) in CONTAINERS {
            updated.refer(name, reference);
            updated.unit(name, "");
        }
        for name in ["app", "side"] {
            updated.start(name);
        }
        updated
    }

    pub fn host(&self) -> &Host {
        &self.podman.host
    }

    fn here(&self) -> &Path {
        self.host().directory.path()
    }

    /// Has a container's unit start it by another reference.
    pub fn refer(&self, name: &str, reference: &str) {
        fs::write(self.here().join(format!("{name}.reference")), reference).unwrap();
    }

    /// Writes the unit of a container, with a label.
    pub fn unit(&self, name: &str, label: &str) {
        let here = self.here().to_string_lossy().into_owned();
        let (_, _, volumes) = CONTAINERS
            .iter()
            .find(|(known, _, _)| *known == name)
            .unwrap();
        for (ending, text) in [("do", UNIT), ("state", STATE)] {
            let text = text
                .replace("VOLUMES", volumes)
                .replace("LABEL", label)
                .replace("NAME", name)
                .replace("HERE", &here);
            let file = self
                .host()
                .path(&format!("units/podman-{name}.service.{ending}"));
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
        if !self
            .host()
            .path(&format!("units/podman-{name}.service"))
            .exists()
        {
            self.host()
                .unit(&format!("podman-{name}.service"), "inactive");
        }
    }

    pub fn start(&self, name: &str) {
        self.podman.ok(
            "systemctl",
            &["start", "--", &format!("podman-{name}.service")],
        );
    }

    pub fn stop(&self, name: &str) {
        self.podman.ok(
            "systemctl",
            &["stop", "--", &format!("podman-{name}.service")],
        );
    }

    /// Makes an image that does this when it starts; its identity.
    pub fn image(&self, reference: &str, does: &str) -> String {
        let context = self.host().path("context");
        drop(fs::remove_dir_all(&context));
        for directory in ["bin", "data", "own"] {
            fs::create_dir_all(context.join(directory)).unwrap();
        }
        fs::copy("/bin/busybox", context.join("bin/busybox")).unwrap();
        for applet in ["sh", "cat", "sleep", "rm", "echo"] {
            std::os::unix::fs::symlink("busybox", context.join("bin").join(applet)).unwrap();
        }
        fs::write(context.join("does"), does).unwrap();
        let tar = self.host().path("image.tar");
        let (tar, context) = (tar.to_string_lossy(), context.to_string_lossy());
        self.podman.ok(
            "tar",
            &["--create", "--file", &tar, "--directory", &context, "."],
        );
        let change = "CMD [\"/bin/sh\", \"/does\"]";
        self.podman
            .podman(&["import", "--quiet", "--change", change, &tar, reference]);
        self.id(reference)
    }

    pub fn id(&self, name: &str) -> String {
        self.podman
            .podman(&["image", "inspect", "--format", "{{.Id}}", name])
            .trim()
            .to_owned()
    }

    pub fn exists(&self, name: &str) -> bool {
        self.podman.run("podman", &["image", "exists", name]).code == 0
    }

    /// The image that a container runs; empty where it does not.
    pub fn runs(&self, name: &str) -> String {
        let format = "{{if .State.Running}}{{.Image}}{{end}}";
        let run = self.podman.run(
            "podman",
            &["container", "inspect", "--format", format, name],
        );
        run.stdout.trim().to_owned()
    }

    pub fn write(&self, volume: &str, file: &str, text: &str) {
        fs::write(self.here().join("tank").join(volume).join(file), text).unwrap();
    }

    /// What a file of a volume holds; nothing where it is not there.
    pub fn holds(&self, volume: &str, file: &str) -> String {
        fs::read_to_string(self.here().join("tank").join(volume).join(file)).unwrap_or_default()
    }

    pub fn command(&self, command: &str, more: &[&str]) -> Command {
        let plan = self.plan.to_string_lossy();
        let (receipts, work) = (self.host().path("receipts"), self.host().path("work"));
        let (receipts, work) = (receipts.to_string_lossy(), work.to_string_lossy());
        let mut words = vec![command, &*plan, "--receipts", &*receipts];
        let only_looks = ["doctor", "verify"].contains(&command);
        if !only_looks {
            words.extend(["--work-directory", &*work]);
        }
        let first = fs::read_to_string("/proc/1/comm").unwrap();
        if !only_looks && fs::read_dir("/proc/1/cwd").is_err() {
            words.extend(["--not-used-by", first.trim()]);
        }
        words.extend(more);
        self.podman
            .command(env!("CARGO_BIN_EXE_podman-btrfs"), &words)
    }

    pub fn update(&self, more: &[&str]) -> Run {
        self.on(more, "update")
    }

    pub fn on(&self, more: &[&str], command: &str) -> Run {
        run_with(self.command(command, more), "")
    }

    /// The old image on the old data, and both units run.
    pub fn is_old(&self, old: &str, told: &str) {
        assert_eq!(self.runs("app"), old, "{told}");
        assert_eq!(self.id("localhost/app:1"), old, "{told}");
        assert_eq!(self.holds("shop/data", "version"), "1\n", "{told}");
        for volume in ["shop/data", "shop+own"] {
            assert_eq!(self.holds(volume, "rows"), ROWS, "{told}: {volume}");
        }
        assert_ne!(self.runs("side"), "", "{told}");
    }

    /// The new image on the new data, and both units run.
    pub fn is_new(&self, new: &str, told: &str) {
        assert_eq!(self.runs("app"), new, "{told}");
        assert_eq!(self.id("localhost/app:1"), new, "{told}");
        assert_eq!(self.holds("shop/data", "version"), "2\n", "{told}");
        assert_eq!(self.holds("shop/data", "rows"), ROWS, "{told}");
        assert_ne!(self.runs("side"), "", "{told}");
    }

    /// The container runs this image.
    pub fn is_running(&self, image: &str) {
        assert_eq!(self.runs("app"), image);
    }

    /// How many updates are not ended, by their journals; `doctor` says the same.
    pub fn open_updates(&self, told: &str) -> usize {
        let journals = fs::read_dir(self.host().path("receipts/updates"));
        let texts = journals
            .into_iter()
            .flatten()
            .flatten()
            .map(|journal| fs::read_to_string(journal.path()).unwrap());
        let ended = ["\"stage\": \"updated\"", "\"stage\": \"went-back\""];
        let open = texts.filter(|text| !ended.iter().any(|stage| text.contains(stage)));
        let count = open.count();
        let doctor = self.on(&["--format", "json"], "doctor");
        let found: serde_json::Value = serde_json::from_str(&doctor.stdout).unwrap();
        let work = found["observed"]["work"]["known"].as_array().unwrap();
        let updates = work.iter().filter(|one| one["task"] == "update").count();
        let drift = found["drift"].as_array().unwrap();
        let of_rule = drift.iter().filter(|one| one["code"] == "PB847").count();
        assert_eq!((updates, of_rule), (count, work.len()), "{told}: {work:?}");
        count
    }

    /// Nothing speaks of an update that is not ended.
    pub fn nothing_open(&self, told: &str) {
        assert_eq!(self.open_updates(told), 0, "{told}");
        assert!(!self.exists("localhost/podman-btrfs/next:app"), "{told}");
    }
}
