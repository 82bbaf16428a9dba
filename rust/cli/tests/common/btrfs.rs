//! A host for the real program: Btrfs on loop devices, a plan of it, units that a stand-in of `systemctl` keeps in files.

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

use crate::common::Run;

const REASON: &str = "needs root, Btrfs in the kernel and loop devices";

/// `show`, `stop` and `start` of units that are files: a unit's file holds its state. A file `NAME.broken` holds how many times it
/// does not come up, `NAME.requiredby` the units that end with it, `NAME.wanted` says that a boot starts it, and a program `NAME.do` is run to `start` and to `stop` it; a
/// program `NAME.state` says which state it is in, given the one that its file holds.
const SYSTEMCTL: &str = r#"#!/bin/sh
units="$(dirname "$0")/../units"
verb=$1
while [ "$1" != -- ]; do shift; done
shift
case $verb in show | reset-failed) ;; *) echo "$verb $*" >> "$units/../calls" ;; esac
for name in "$@"; do
  file="$units/$name"
  case $verb in
    show)
      load=not-found; state=inactive; dependents=; wanted=
      [ -e "$file" ] && load=loaded && state=$(cat "$file")
      [ -x "$file.state" ] && state=$("$file.state" "$state")
      [ -e "$file.requiredby" ] && dependents=$(cat "$file.requiredby")
      [ -e "$file.wanted" ] && wanted=multi-user.target
      printf 'Id=%s\nLoadState=%s\nActiveState=%s\nSourcePath=\nWantedBy=%s\nRequiredBy=%s\nBoundBy=\nConsistsOf=\n\n' "$name" "$load" "$state" "$wanted" "$dependents" ;;
    stop)
      [ -x "$file.do" ] && "$file.do" stop > /dev/null 2>&1
      [ -e "$file" ] && echo inactive > "$file" ;;
    start)
      if [ -s "$file.broken" ] && [ "$(cat "$file.broken")" -gt 0 ]; then
        echo $(($(cat "$file.broken") - 1)) > "$file.broken"
        echo failed > "$file"; echo "Job for $name failed." >&2; exit 1
      fi
      if [ -x "$file.do" ] && ! "$file.do" start > "$file.said" 2>&1 < /dev/null; then
        echo failed > "$file"; cat "$file.said" >&2; exit 1
      fi
      [ -e "$file" ] && echo active > "$file" ;;
  esac
done
exit 0
"#;

/// One Btrfs in a file.
pub struct Disk {
    pub device: String,
    pub top: PathBuf,
}

/// A host with its disks; the kernel lets go of all of it when this ends.
pub struct Host {
    pub directory: tempfile::TempDir,
    pub disks: Vec<Disk>,
}

pub fn sh(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{REASON}: {program}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{REASON}: {program} {arguments:?}: {error}"
    );
    text
}

impl Host {
    /// A host with so many disks of so many MiB.
    pub fn new(disks: usize, mib: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut host = Self {
            directory,
            disks: Vec::new(),
        };
        for name in ["bin", "units"] {
            fs::create_dir(host.path(name)).unwrap();
        }
        host.program("systemctl", SYSTEMCTL);
        for number in 0..disks {
            host.add_disk(number, mib);
        }
        host
    }

    fn add_disk(&mut self, number: usize, mib: u64) {
        let image = self.path(&format!("image{number}"));
        fs::File::create(&image)
            .unwrap()
            .set_len(mib << 20)
            .unwrap();
        let image = image.to_string_lossy().into_owned();
        sh("mkfs.btrfs", &["--quiet", &image]);
        let device = sh("losetup", &["--find", "--show", &image])
            .trim()
            .to_owned();
        let top = self.path(&format!("top{number}"));
        fs::create_dir(&top).unwrap();
        sh(
            "mount",
            &[
                "-o",
                "subvolid=5,noatime,compress=zstd:1",
                &device,
                &top.to_string_lossy(),
            ],
        );
        self.disks.push(Disk { device, top });
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Puts a program on the path, before the real one.
    pub fn program(&self, name: &str, text: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub fn unit(&self, name: &str, state: &str) {
        fs::write(self.path("units").join(name), state).unwrap();
    }

    pub fn state(&self, name: &str) -> String {
        let text = fs::read_to_string(self.path("units").join(name)).unwrap();
        text.trim().to_owned()
    }

    /// What `systemctl` was asked to do, but for questions.
    pub fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("calls")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Plans a declaration in which `DISK0` and so on stand for the devices.
    pub fn plan(&self, name: &str, declaration: &str) -> PathBuf {
        let mut declaration = declaration.to_owned();
        for (number, disk) in self.disks.iter().enumerate() {
            declaration = declaration.replace(&format!("DISK{number}"), &disk.device);
        }
        let file = self.path(&format!("{name}.json"));
        fs::write(&file, declaration).unwrap();
        let planned = self.run(&["plan", "--format", "json", &file.to_string_lossy()]);
        assert_eq!(planned.code, 0, "{}", planned.shown());
        let plan = self.path(&format!("{name}.plan.json"));
        fs::write(&plan, planned.stdout).unwrap();
        plan
    }

    /// Plans with mount points below this host's directory, `HERE` standing for it, and Podman's own places too.
    pub fn plan_here(&self, name: &str, declaration: &str) -> PathBuf {
        let here = self.directory.path().to_string_lossy().into_owned();
        let plan = self.plan(name, &declaration.replace("HERE", &here));
        let text = fs::read_to_string(&plan).unwrap();
        let text = text
            .replace("/var/lib/containers", &format!("{here}/containers"))
            .replace("/run/containers", &format!("{here}/run"));
        fs::write(&plan, text).unwrap();
        plan
    }

    /// Mounts everything of the plan's first filesystem where it is planned.
    pub fn mount_planned(&self, plan: &Path) {
        let text = fs::read_to_string(plan).unwrap();
        let plan: serde_json::Value = serde_json::from_str(&text).unwrap();
        let filesystem = plan["filesystems"].as_object().unwrap().values().next();
        for mount in filesystem.unwrap()["mounts"].as_array().unwrap() {
            let point = mount["mountPoint"].as_str().unwrap();
            let options: Vec<&str> = mount["options"]
                .as_array()
                .unwrap()
                .iter()
                .map(|option| option.as_str().unwrap())
                .collect();
            fs::create_dir_all(point).unwrap();
            let device = &self.disks[0].device;
            sh("mount", &["-o", &options.join(","), device, point]);
        }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = crate::common::command(self.directory.path(), arguments);
        let bin = self.path("bin");
        command.env(
            "PATH",
            format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", bin.display()),
        );
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        crate::common::run_with(self.command(arguments), "")
    }

    /// A command of the program on this host.
    pub fn on_host(&self, command: &str, plan: &Path, more: &[&str]) -> Command {
        let plan = plan.to_string_lossy();
        let (receipts, work) = (self.path("receipts"), self.path("work"));
        let (receipts, work) = (receipts.to_string_lossy(), work.to_string_lossy());
        let mut words = vec![
            command,
            &*plan,
            "--receipts",
            &*receipts,
            "--work-directory",
            &*work,
        ];
        words.extend(more);
        self.command(&words)
    }

    pub fn apply(&self, plan: &Path) {
        let applied = crate::common::run_with(self.on_host("apply", plan, &[]), "");
        assert_eq!(applied.code, 0, "{}", applied.shown());
    }

    pub fn migration(&self, plan: &Path, more: &[&str]) -> Command {
        self.ending("migrate", plan, more)
    }

    /// A command that looks who uses a volume; where this machine's first process may do more than we may, it does not.
    pub fn ending(&self, command: &str, plan: &Path, more: &[&str]) -> Command {
        let mut command = self.on_host(command, plan, more);
        if fs::read_dir("/proc/1/cwd").is_err() {
            let name = fs::read_to_string("/proc/1/comm").unwrap();
            command.args(["--not-used-by", name.trim()]);
        }
        command
    }

    pub fn migrate(&self, plan: &Path, more: &[&str]) -> Run {
        crate::common::run_with(self.migration(plan, more), "")
    }

    pub fn journal(&self, name: &str) -> PathBuf {
        self.path("receipts/migrations").join(name)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let ours = self.directory.path().to_string_lossy();
        let points = mounts
            .lines()
            .rev()
            .filter_map(|line| line.split(' ').nth(1));
        for point in points.filter(|point| point.starts_with(&*ours)) {
            let _ = Command::new("umount").args(["--", point]).status();
        }
        for disk in &self.disks {
            let _ = Command::new("losetup")
                .args(["--detach", &disk.device])
                .status();
        }
    }
}
