//! Ends the program by SIGKILL before or after one of the programs that it runs.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a part of tests, of which each takes what it needs"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::btrfs::Host;

/// Numbers that only look random (Numerical Recipes' generator).
pub struct Dice(pub u64);

impl Dice {
    /// By `PODMAN_BTRFS_SEED`, else by the clock; the seed is told, so that a failure comes again.
    pub fn of_seed() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let seed = number("PODMAN_BTRFS_SEED").unwrap_or(now.as_secs());
        println!("seed {seed}");
        Self(seed)
    }

    /// Before or after a program.
    pub fn moment(&mut self) -> &'static str {
        ["before", "after"][usize::from(self.below(2) == 0)]
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end.max(1)
    }
}

pub fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Whether `PODMAN_BTRFS_KILLS` asks for a kill at each program.
pub fn wants_all() -> bool {
    std::env::var("PODMAN_BTRFS_KILLS").is_ok_and(|kills| kills == "all")
}

/// In front of each program: counts the calls, and at the one that `kill` names ends its caller, before or after the program.
pub fn arm(host: &Host, programs: &[&str]) {
    let bin = host.path("bin");
    fs::rename(bin.join("systemctl"), bin.join("systemctl.real")).unwrap();
    let system = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
    for program in programs {
        let real = system
            .iter()
            .map(|directory| Path::new(directory).join(program));
        let real = if *program == "systemctl" {
            bin.join("systemctl.real")
        } else {
            real.into_iter().find(|path| path.exists()).unwrap()
        };
        let (real, here) = (real.display(), host.directory.path().display());
        host.program(
            program,
            &format!(
                "#!/bin/sh
read -r count < '{here}/count'; count=$((count + 1)); echo $count > '{here}/count'
read -r at when < '{here}/kill'
[ \"$count\" = \"$at\" ] && [ \"$when\" = before ] && kill -9 $PPID && exit 1
'{real}' \"$@\"
status=$?
[ \"$count\" = \"$at\" ] && [ \"$when\" = after ] && kill -9 $PPID
exit $status
"
            ),
        );
    }
    disarm(host);
}

pub fn disarm(host: &Host) {
    fs::write(host.path("kill"), "0 never\n").unwrap();
    fs::write(host.path("count"), "0\n").unwrap();
}

pub fn calls(host: &Host) -> u64 {
    fs::read_to_string(host.path("count"))
        .unwrap()
        .trim()
        .parse()
        .unwrap()
}

pub fn difference(
    found: &BTreeMap<PathBuf, String>,
    expected: &BTreeMap<PathBuf, String>,
) -> String {
    let all = found.keys().chain(expected.keys());
    let different = all.filter(|path| found.get(*path) != expected.get(*path));
    let told = different.map(|path| {
        format!(
            "{}: {:?}, not {:?}",
            path.display(),
            found.get(path),
            expected.get(path)
        )
    });
    told.take(5).collect::<Vec<_>>().join("\n")
}
