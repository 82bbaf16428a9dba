//! `retire --leaked-layers` with a real Podman and its btrfs driver. Run by `checks/host/run` as root.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "common/btrfs.rs"]
mod btrfs;
mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use btrfs::{Host, sh};
use common::Run;
use podman_btrfs_host::system::{RealSystem, System as _};

const DECLARED: &str = r#"{
  "filesystems": {"tank": {"device": "DISK0", "mountPoint": "HERE/tank"}},
  "engine": {"driver": "btrfs"},
  "workloads": {"shop": {"containers": {"web": {}}, "volumes": {"files": {"mounts": {"web": "/files"}}}}}
}"#;
const IMAGE: &str = "localhost/leaked:1";
const LIMITS: [&str; 4] = [
    "--network=none",
    "--cgroups=disabled",
    "--ulimit=nofile=1024:1024",
    "--ulimit=nproc=1024:1024",
];

/// The real one, where the host's cgroup trees of both kinds side by side do not stand in a runtime's way.
const PODMAN: &str = r#"#!/bin/sh
export CONTAINERS_CONF=HERE/containers.conf CONTAINERS_STORAGE_CONF=HERE/storage.conf HOME=HERE TMPDIR=HERE
exec unshare --mount --propagation private sh -c '
  [ -e /sys/fs/cgroup/cgroup.controllers ] || mount -t cgroup2 cgroup2 /sys/fs/cgroup
  exec /usr/bin/podman --tmpdir HERE/libpod "$@"' podman "$@"
"#;
const CONTAINERS_CONF: &str = "[containers]\npids_limit = 0\ndefault_sysctls = []\nlog_driver = \"k8s-file\"\n[engine]\ncgroup_manager = \"cgroupfs\"\nevents_logger = \"none\"\n";

struct Engine {
    host: Host,
    plan: PathBuf,
}

impl Engine {
    fn new() -> Self {
        let host = Host::new(1, 512);
        let plan = host.plan_here("shop", DECLARED);
        host.apply(&plan);
        host.mount_planned(&plan);
        let here = host.directory.path().to_string_lossy().into_owned();
        host.program("podman", &PODMAN.replace("HERE", &here));
        fs::write(host.path("containers.conf"), CONTAINERS_CONF).unwrap();
        let storage = format!(
            "[storage]\ndriver = \"btrfs\"\ngraphroot = \"{here}/containers/storage\"\nrunroot = \"{here}/run\"\n"
        );
        fs::write(host.path("storage.conf"), storage).unwrap();
        let engine = Self { host, plan };
        engine.import();
        engine
    }

    fn import(&self) {
        let bin = self.host.path("image/bin");
        fs::create_dir_all(&bin).unwrap();
        let busybox = sh("sh", &["-c", "command -v busybox"]);
        fs::copy(busybox.trim(), bin.join("busybox")).unwrap();
        for applet in ["sh", "sleep", "true"] {
            symlink("busybox", bin.join(applet)).unwrap();
        }
        let (image, tar) = (self.host.path("image"), self.host.path("image.tar"));
        let (image, tar) = (image.to_string_lossy(), tar.to_string_lossy());
        sh("tar", &["-C", &image, "-cf", &tar, "."]);
        self.podman(&["import", "--quiet", &tar, IMAGE]);
    }

    fn podman_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.host.path("bin/podman"));
        command.args(arguments).stdin(Stdio::null());
        command
    }

    fn podman(&self, arguments: &[&str]) -> String {
        let output: Output = self.podman_command(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "podman {arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn layers(&self) -> PathBuf {
        self.host.path("containers/storage/btrfs/subvolumes")
    }

    fn lists(&self) -> PathBuf {
        self.host.path("containers/storage/btrfs-layers")
    }

    fn names(&self) -> Vec<String> {
        RealSystem.list(&self.layers()).unwrap().unwrap()
    }

    fn leaked(&self, more: &[&str]) -> Run {
        let more = [&["--leaked-layers"][..], more].concat();
        common::run_with(self.host.ending("retire", &self.plan, &more), "")
    }

    /// A subvolume as a pull leaves it that was killed: a snapshot of the layer below, with files of its own.
    fn leak(&self, below: &str) -> String {
        let layer = "0123456789abcdef".repeat(4);
        let (from, to) = (self.layers().join(below), self.layers().join(&layer));
        let (from, to) = (
            from.to_string_lossy().into_owned(),
            to.to_string_lossy().into_owned(),
        );
        sh("btrfs", &["subvolume", "snapshot", &from, &to]);
        sh("fallocate", &["-l", "7M", &format!("{to}/pulled")]);
        sh("sync", &["-f", &to]);
        layer
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // What runs keeps the filesystem busy.
        let _ = self
            .podman_command(&["rm", "--all", "--force", "--time", "0"])
            .output();
    }
}

#[test]
#[ignore = "needs root, Btrfs in the kernel, loop devices and Podman"]
fn a_leaked_layer_is_listed_with_its_size_and_deleted_and_containers_go_on() {
    let engine = Engine::new();
    let none = engine.leaked(&[]);
    assert_eq!(
        (none.code, &*none.stdout),
        (0, "no layer has leaked\n"),
        "{}",
        none.shown()
    );
    let image = engine.names()[0].clone();
    engine.podman(
        &[
            &["run", "--detach", "--name", "web"][..],
            &LIMITS,
            &[IMAGE, "sleep", "600"],
        ]
        .concat(),
    );
    let live = engine.names();
    assert_eq!(live.len(), 2, "the image's layer and the container's");
    let layer = engine.leak(&image);
    let foreign = engine.layers().join("pictures");
    RealSystem.create_subvolume(&foreign).unwrap();
    fs::write(foreign.join("picture"), "precious").unwrap();

    let listed = engine.leaked(&[]);
    assert_eq!(listed.code, 0, "{}", listed.shown());
    for part in [
        &*format!("{layer}  holds 7 MiB alone"),
        "pictures  is not named as a layer, and is left alone",
        "1 layer leaked",
    ] {
        assert!(listed.stdout.contains(part), "{part}: {}", listed.shown());
    }
    let dry = engine.leaked(&["--confirm", "root", "--dry-run"]);
    assert_eq!(dry.code, 1, "{}", dry.shown());
    assert!(dry.stdout.contains("wanted"), "{}", dry.shown());
    assert_eq!(engine.leaked(&["--confirm", "alice"]).code, 2);

    // Somebody uses it.
    let elsewhere = engine.host.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let (from, to) = (
        engine.layers().join(&layer),
        elsewhere.to_string_lossy().into_owned(),
    );
    sh("mount", &["--bind", &from.to_string_lossy(), &to]);
    let used = engine.leaked(&["--confirm", "root"]);
    assert_eq!(used.code, 1, "{}", used.shown());
    assert!(used.stdout.contains("is in use"), "{}", used.shown());
    sh("umount", &[&to]);
    assert_eq!(engine.names().len(), 4);

    let done = engine.leaked(&["--confirm", "root", "--format", "json"]);
    assert_eq!(done.code, 0, "{}", done.shown());
    let mut left = live.clone();
    left.push("pictures".into());
    assert_eq!(engine.names(), left);
    assert_eq!(
        fs::read_to_string(foreign.join("picture")).unwrap(),
        "precious"
    );
    engine.podman(&["exec", "web", "true"]);
    engine.podman(&[&["run", "--rm"][..], &LIMITS, &[IMAGE, "true"]].concat());
    assert_eq!(engine.podman(&["ps", "--format", "{{.Names}}"]), "web\n");
    let after = engine.leaked(&[]);
    assert!(
        after.stdout.ends_with("no layer has leaked\n"),
        "{}",
        after.shown()
    );
}

#[test]
#[ignore = "needs root, Btrfs in the kernel, loop devices and Podman"]
fn without_the_lists_or_the_lock_no_layer_is_taken_for_leaked() {
    let engine = Engine::new();
    let image = engine.names()[0].clone();
    let layer = engine.leak(&image);
    let all = engine.names();
    let list = engine.lists().join("layers.json");
    let text = fs::read_to_string(&list).unwrap();
    let refuses = |because: &str| {
        for more in [&[][..], &["--confirm", "root"]] {
            let run = engine.leaked(more);
            assert_eq!(run.code, 2, "{}", run.shown());
            assert!(run.stderr.contains(because), "{}", run.shown());
            assert_eq!(engine.names(), all);
        }
    };
    fs::write(&list, &text[..text.len() / 2]).unwrap();
    refuses("is not understood");
    fs::remove_file(&list).unwrap();
    refuses("nobody knows which are wanted");
    symlink("/etc/passwd", &list).unwrap();
    refuses("layers.json");
    fs::remove_file(&list).unwrap();
    fs::write(&list, &text).unwrap();

    // Podman waits for whoever has this lock, and so do we, for a while.
    let lock = engine.lists().join("layers.lock");
    let held = "import fcntl, sys, time\nf = open(sys.argv[1], 'r+')\nfcntl.lockf(f, fcntl.LOCK_EX)\nprint('held', flush=True)\ntime.sleep(600)\n";
    let mut holder = Command::new("python3");
    holder.args(["-c", held]).arg(&lock).stdout(Stdio::piped());
    let mut holder = holder.spawn().unwrap();
    let mut told = [0_u8; 4];
    std::io::Read::read_exact(holder.stdout.as_mut().unwrap(), &mut told).unwrap();
    let mut podman = engine
        .podman_command(&["image", "list"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let run = engine.leaked(&["--confirm", "root"]);
    assert_eq!(run.code, 2, "{}", run.shown());
    assert!(
        run.stderr.contains("Podman holds the lock of its store"),
        "{}",
        run.shown()
    );
    assert!(
        podman.try_wait().unwrap().is_none(),
        "Podman does not wait for it"
    );
    holder.kill().unwrap();
    holder.wait().unwrap();
    for _ in 0..100 {
        if podman.try_wait().unwrap().is_some() {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    assert!(podman.wait().unwrap().success());
    assert_eq!(engine.names(), all);
    let done = engine.leaked(&["--confirm", "root"]);
    assert_eq!(done.code, 0, "{}", done.shown());
    assert!(done.stdout.contains(&layer), "{}", done.shown());
    assert_eq!(engine.names(), [image]);
}
