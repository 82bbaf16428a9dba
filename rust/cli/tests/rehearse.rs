//! Rehearsals on a real Btrfs with a real Podman: to the end, and ended at any moment by any signal.
//!
//! They need root, loop devices and Btrfs in the kernel: `cargo test -p podman-btrfs-cli --test rehearse -- --ignored`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;

/// How long the kernel may take to end a namespace and to free its devices: much less than a rehearsal takes to
/// come to its own end.
const PATIENCE: Duration = Duration::from_secs(6);
/// Scenarios whose declaration is refused.
const REFUSED: [&str; 1] = ["too-dense"];
/// In the environment of every process of a rehearsal, with a value of its own for each.
const MARK: &str = "PODMAN_BTRFS_TEST";

/// One rehearsal, with a directory of its own for its disk images.
struct Rehearsal {
    images: tempfile::TempDir,
    scenario: PathBuf,
}

impl Rehearsal {
    fn of(scenario: &str) -> Self {
        let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios");
        let images = tempfile::tempdir_in("/var/tmp").unwrap();
        Self {
            images,
            scenario: scenarios.join(scenario).join("host.nix"),
        }
    }

    fn command(&self) -> Command {
        // Whoever starts the tests in the background hands them an ignored SIGINT, which children inherit.
        let mut command = Command::new("env");
        command.args(["--default-signal", env!("CARGO_BIN_EXE_podman-btrfs")]);
        command.arg("rehearse").arg(&self.scenario);
        command.arg("--images").arg(self.images.path());
        command.env(MARK, self.images.path()).stdin(Stdio::null());
        command
    }

    fn to_the_end(&self, arguments: &[&str]) -> Output {
        let mut command = self.command();
        command.args(["--format", "json"]).args(arguments);
        command.output().unwrap()
    }

    /// In a process group of its own, as a shell starts it.
    fn start(&self) -> Child {
        let mut command = self.command();
        command.process_group(0);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    }

    /// What is still there of it: image files, loop devices, processes.
    fn leftovers(&self) -> Vec<String> {
        let images = self.images.path().to_string_lossy();
        let files = fs::read_dir(self.images.path()).unwrap();
        let mut left: Vec<String> = files
            .map(|file| file.unwrap().path().display().to_string())
            .collect();
        for device in fs::read_dir("/sys/block").unwrap() {
            let device = device.unwrap().path();
            let backing = fs::read_to_string(device.join("loop/backing_file")).unwrap_or_default();
            if backing.starts_with(&*images) {
                left.push(format!("{}: {backing}", device.display()));
            }
        }
        let mark = format!("{MARK}={images}");
        for process in fs::read_dir("/proc").unwrap() {
            let process = process.unwrap().path();
            let environment = fs::read(process.join("environ")).unwrap_or_default();
            if environment
                .split(|byte| *byte == 0)
                .any(|variable| variable == mark.as_bytes())
            {
                left.push(process.display().to_string());
            }
        }
        left
    }

    fn assert_nothing_is_left(&self, when: &str) {
        let begun = Instant::now();
        while !self.leftovers().is_empty() {
            assert!(begun.elapsed() < PATIENCE, "{when}: {:?}", self.leftovers());
            std::thread::sleep(Duration::from_millis(20));
        }
        let mounts = fs::read_to_string("/proc/mounts").unwrap();
        assert!(!mounts.contains("/run/podman-btrfs"), "{when}");
    }
}

/// The steps of a report: subject, name, kind of outcome, detail.
fn steps(output: &Output) -> Vec<[String; 4]> {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let step = |step: &Value| {
        let outcome = &step["outcome"];
        [
            &step["subject"],
            &step["name"],
            &outcome["kind"],
            &outcome["detail"],
        ]
        .map(|value| value.as_str().unwrap().to_owned())
    };
    report["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(step)
        .collect()
}

fn failed(output: &Output) -> Vec<[String; 4]> {
    let mut steps = steps(output);
    steps.retain(|[_, _, kind, _]| kind == "failed");
    steps
}

fn assert_green(output: &Output, comparisons: usize) {
    assert_eq!(failed(output), Vec::<[String; 4]>::new());
    assert_eq!(output.status.code(), Some(0));
    let steps = steps(output);
    let compared = steps
        .iter()
        .filter(|[_, name, kind, _]| name == "compare" && kind == "passed");
    assert_eq!(compared.count(), comparisons, "{steps:?}");
}

#[test]
#[ignore = "needs root, Btrfs and Podman"]
fn a_home_server_is_lost_and_restored_and_nothing_is_left() {
    let rehearsal = Rehearsal::of("home-server");
    let output = rehearsal.to_the_end(&[]);
    assert_green(&output, 3);
    rehearsal.assert_nothing_is_left("at the end");
}

#[test]
#[ignore = "needs root, Btrfs and Podman"]
fn a_group_of_two_subvolumes_is_restored_and_told_to_be_not_atomic() {
    let rehearsal = Rehearsal::of("overridden");
    let output = rehearsal.to_the_end(&[]);
    assert_green(&output, 1);
    let steps = steps(&output);
    let snapshot = steps
        .iter()
        .find(|[_, name, _, _]| name == "snapshot")
        .unwrap();
    assert!(snapshot[3].contains("not atomic"), "{snapshot:?}");
    rehearsal.assert_nothing_is_left("at the end");
}

#[test]
#[ignore = "needs root, Btrfs and Podman"]
fn copies_beyond_the_limit_are_told_and_not_run() {
    let rehearsal = Rehearsal::of("high-density");
    let output = rehearsal.to_the_end(&["--replicas", "1"]);
    assert_green(&output, 1);
    let mut told = steps(&output);
    told.retain(|[_, name, _, _]| name == "copies");
    assert!(
        told.iter()
            .any(|step| step[2] == "skipped" && step[3].contains("199 of 200")),
        "{told:?}"
    );
    rehearsal.assert_nothing_is_left("at the end");
}

/// The names of all scenarios.
fn declarations() -> Vec<String> {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios");
    let entries = fs::read_dir(scenarios).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("host.nix").exists())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
#[ignore = "needs root and Btrfs"]
fn every_declaration_applied_twice_does_nothing_the_second_time() {
    let mut seen = 0;
    for name in declarations() {
        let rehearsal = Rehearsal::of(&name);
        let output = rehearsal.to_the_end(&["--layout-only"]);
        // What has errors has no plan that could be applied.
        let has_plan = output.status.code() != Some(1);
        assert_eq!(has_plan, !REFUSED.contains(&name.as_str()), "{name}");
        if !has_plan {
            continue;
        }
        assert_eq!(failed(&output), Vec::<[String; 4]>::new(), "{name}");
        let steps = steps(&output);
        let again = steps.iter().find(|step| step[1] == "apply again").unwrap();
        assert!(
            again[3].starts_with("nothing to do in "),
            "{name}: {again:?}"
        );
        seen += 1;
    }
    assert!(seen > 20, "{seen} declarations");
}

#[test]
#[ignore = "needs root and Btrfs"]
fn a_disk_that_is_too_small_fails_once_and_nothing_is_left() {
    let rehearsal = Rehearsal::of("home-server");
    let output = rehearsal.to_the_end(&["--size", "16M"]);
    assert_eq!(output.status.code(), Some(2));
    let failed = failed(&output);
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(failed[0][3].contains("too small"), "{failed:?}");
    rehearsal.assert_nothing_is_left("after the failure");
}

#[test]
#[ignore = "needs root, Btrfs and Podman"]
fn disks_are_kept_on_request() {
    let rehearsal = Rehearsal::of("existing-filesystem");
    let output = rehearsal.to_the_end(&["--keep", "--size", "1G"]);
    assert_green(&output, 1);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let kept: Vec<&str> = report["kept"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(kept.len(), 1);
    let probed = Command::new("btrfs")
        .args(["inspect-internal", "dump-super", kept[0]])
        .output()
        .unwrap();
    assert!(
        String::from_utf8_lossy(&probed.stdout).contains("rehearsal-"),
        "{probed:?}"
    );
    fs::remove_file(kept[0]).unwrap();
    rehearsal.assert_nothing_is_left("at the end");
}

#[test]
#[ignore = "needs root, Btrfs and Podman"]
fn a_signal_at_any_moment_leaves_nothing() {
    // In the first second the namespaces, disks and mounts are made, each in milliseconds.
    let moments = [
        20, 100, 200, 300, 350, 400, 450, 500, 600, 800, 1500, 3000, 5000, 7000,
    ];
    /// No machine has made and run and restored all of it by then.
    const FASTEST: Duration = Duration::from_secs(2);
    let signals = [Signal::INT, Signal::TERM, Signal::KILL];
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    for (number, moment) in (0_u64..).zip(moments) {
        // Which signal comes at which moment, and when exactly, differs by run.
        let turn = usize::try_from((number + now.as_secs()) % 3).unwrap();
        let (signal, moment) = (
            signals[turn],
            Duration::from_millis(moment + u64::from(now.subsec_micros() % 50)),
        );
        let when = format!("{signal:?} after {moment:?}");
        let rehearsal = Rehearsal::of("raid1-server");
        let mut child = rehearsal.start();
        std::thread::sleep(moment);
        let pid = Pid::from_child(&child);
        if signal == Signal::INT {
            // As a terminal sends Ctrl-C: to every process of the group.
            kill_process_group(pid, signal).unwrap();
        } else {
            kill_process(pid, signal).unwrap();
        }
        let status = child.wait().unwrap();
        // A fast machine is done before the last moments.
        let is_done = moment > FASTEST && status.code() == Some(0);
        assert!(
            is_done || status.code().is_none(),
            "{when}: it ended by itself"
        );
        rehearsal.assert_nothing_is_left(&when);
    }
}
