//! The units that keep a plan, and how they are on the host.

use serde::{Deserialize, Serialize};

use crate::plan::Plan;
use crate::spec::SnapshotTool;

/// A unit as systemd has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObservedUnit {
    /// How it is.
    pub state: UnitState,
    /// When it last ran, in seconds since 1970; absent: not since this boot, or never.
    pub last_run: Option<u64>,
}

/// How a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitState {
    /// It runs, or waits for its time.
    Active,
    /// It does not run.
    Inactive,
    /// It ended with an error.
    Failed,
    /// systemd has no unit of this name.
    Absent,
}

/// A unit that the plan needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlannedUnit {
    /// Its name, with `.service` or `.timer`.
    pub name: String,
    /// What it does, as an object of a sentence.
    pub does: String,
    /// Whether it waits for a time.
    pub is_timer: bool,
}

impl PlannedUnit {
    fn pair(name: &str, does: &str) -> [Self; 2] {
        [("service", false), ("timer", true)].map(|(kind, is_timer)| Self {
            name: format!("{name}.{kind}"),
            does: does.to_owned(),
            is_timer,
        })
    }
}

/// The units that the NixOS module makes of a plan, under the names that it gives them (`modules/upkeep.nix`,
/// `modules/protection.nix`, `modules/apply.nix`).
#[must_use]
pub fn units(plan: &Plan) -> Vec<PlannedUnit> {
    let mut found = vec![PlannedUnit {
        name: "podman-btrfs-apply.service".into(),
        does: "makes what is missing".into(),
        is_timer: false,
    }];
    for (name, filesystem) in &plan.filesystems {
        let upkeep = &filesystem.upkeep;
        let tasks = [
            ("scrub", &upkeep.scrub, "scrubs"),
            ("trim", &upkeep.trim, "trims"),
            ("balance", &upkeep.balance, "balances"),
        ];
        for (task, calendar, does) in tasks {
            if calendar.is_some() {
                let unit = format!("podman-btrfs-{task}-{name}");
                found.extend(PlannedUnit::pair(&unit, &format!("{does} {name}")));
            }
        }
    }
    for run in plan.group_runs() {
        found.push(PlannedUnit {
            name: format!("podman-btrfs-snapshot-{run}.service"),
            does: format!("takes the groups of {run}"),
            is_timer: false,
        });
    }
    for job in &plan.protection.jobs {
        let does = format!("takes the snapshots of {}", job.name);
        match job.tool {
            SnapshotTool::Btrbk => {
                for run in job.runs() {
                    found.extend(PlannedUnit::pair(&format!("btrbk-{}", run.name), &does));
                }
            }
            SnapshotTool::Snapper => {
                found.extend(PlannedUnit::pair("snapper-timeline", &does));
                let thins = "thins snapper's snapshots out";
                found.extend(PlannedUnit::pair("snapper-cleanup", thins));
            }
        }
    }
    found.sort();
    found.dedup_by(|a, b| a.name == b.name);
    found
}
