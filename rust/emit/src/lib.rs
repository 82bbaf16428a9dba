//! Plan to artefacts: the texts that other programs read, and the report that people read.
//!
//! Pure: the same plan gives the same bytes. What the emitters leave to others: writing files
//! (`podman-btrfs plan --out`).
//!
//! The Nix formatter (alejandra) makes mimalloc the allocator of every process that links this crate,
//! and needs a C compiler to build. Nothing here depends on which allocator it is.

#![cfg_attr(
    test,
    allow(
        clippy::needless_raw_string_hashes,
        reason = "`expect!` writes its texts with hashes, needed or not"
    )
)]

mod artefact;
mod btrbk;
mod btrbk_runs;
mod containers_conf;
mod disko;
mod error;
mod fstab;
mod limits;
mod monitoring;
mod nix_text;
mod nix_value;
mod nixos;
mod plain;
mod plan_json;
mod prefetch;
mod report;
pub mod simulation;
mod snapper;
mod storage_conf;

#[cfg(test)]
mod fixtures;

use podman_btrfs_core::plan::Plan;
use podman_btrfs_core::simulate::Simulation;

pub use artefact::{Artefact, Emitter};
pub use disko::{disk_name, mapper_name, partition_label};
pub use error::EmitError;
pub use nixos::{bundle, nixos_values};
pub use storage_conf::storage_conf_for_any_podman;

/// Every kind of artefact, in the order in which they are listed.
pub const EMITTERS: &[Emitter] = &[
    Emitter {
        kind: "disko",
        about: "disks, partitions, encryption, filesystems and mounted subvolumes, as disko reads them",
        emit: disko::emit,
    },
    Emitter {
        kind: "fstab",
        about: "the mount table, parents first",
        emit: fstab::emit,
    },
    Emitter {
        kind: "storage-conf",
        about: "Podman's storage.conf, with its drop-ins from Podman 6 on",
        emit: storage_conf::emit,
    },
    Emitter {
        kind: "containers-conf",
        about: "Podman's containers.conf, and the directory that it names for systemd-tmpfiles",
        emit: containers_conf::emit,
    },
    Emitter {
        kind: "btrbk",
        about: "a configuration of btrbk for each of its jobs",
        emit: btrbk::emit,
    },
    Emitter {
        kind: "snapper",
        about: "a configuration of snapper for each subvolume that it snapshots",
        emit: snapper::emit,
    },
    Emitter {
        kind: "limits",
        about: "bounds of the kernel and of systemd that many containers need",
        emit: limits::emit,
    },
    Emitter {
        kind: "prefetch",
        about: "the unit that pulls the images of several platforms",
        emit: prefetch::emit,
    },
    Emitter {
        kind: "monitoring",
        about: "rules of Prometheus and a dashboard of Grafana, the same for every plan",
        emit: monitoring::emit,
    },
    Emitter {
        kind: "nixos",
        about: "values of NixOS options, nested by option path",
        emit: nixos::emit,
    },
    Emitter {
        kind: "plan",
        about: "the plan itself, as the NixOS module and the host's commands read it",
        emit: plan_json::emit,
    },
    Emitter {
        kind: "report",
        about: "the plan for people: findings, layout, schedule, and every decision with its reason",
        emit: report::emit,
    },
];

/// All artefacts of a plan, ordered by path.
///
/// A plan that holds only findings gives the report and the plan itself. Errors are mistakes of ours,
/// or of a plan that nobody planned: a declaration with a mistake ends in a finding, not here.
pub fn emit(plan: &Plan) -> Result<Vec<Artefact>, EmitError> {
    let mut artefacts = Vec::new();
    for emitter in EMITTERS {
        artefacts.extend((emitter.emit)(plan)?);
    }
    artefacts.sort_by(|a, b| a.path.cmp(&b.path));
    match artefacts
        .windows(2)
        .find(|pair| pair[0].path == pair[1].path)
    {
        Some(pair) => Err(EmitError::SamePath {
            path: pair[0].path.clone(),
        }),
        None => Ok(artefacts),
    }
}

/// All artefacts of a plan and of its simulated year, ordered by path; the report shows the year.
pub fn emit_with(plan: &Plan, simulated: &Simulation) -> Result<Vec<Artefact>, EmitError> {
    let mut artefacts = emit(plan)?;
    artefacts.retain(|artefact| artefact.path != "report.md");
    artefacts.extend(report::with(plan, Some(simulated))?);
    artefacts.extend(simulation::simulation(simulated)?);
    artefacts.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(artefacts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{existing_device, hostile_names, raid1_luks_system, single_disk};

    #[test]
    fn the_same_plan_gives_the_same_bytes() {
        for plan in [
            single_disk(),
            raid1_luks_system(),
            existing_device(),
            hostile_names(),
        ] {
            assert_eq!(emit(&plan).unwrap(), emit(&plan.clone()).unwrap());
        }
    }

    #[test]
    fn every_text_ends_with_one_line_break_and_holds_no_trailing_blank() {
        for plan in [
            single_disk(),
            raid1_luks_system(),
            existing_device(),
            hostile_names(),
        ] {
            for artefact in emit(&plan).unwrap() {
                assert!(artefact.text.ends_with('\n'), "{}", artefact.path);
                assert!(!artefact.text.ends_with("\n\n"), "{}", artefact.path);
                let trailing = artefact
                    .text
                    .lines()
                    .find(|line| line.ends_with([' ', '\t']));
                assert_eq!(trailing, None, "{}", artefact.path);
            }
        }
    }

    #[test]
    fn every_kind_is_made_by_some_plan() {
        for emitter in EMITTERS {
            let made = [single_disk(), existing_device()]
                .iter()
                .any(|plan| !(emitter.emit)(plan).unwrap().is_empty());
            assert!(made, "{}", emitter.kind);
        }
    }

    #[test]
    fn a_plan_of_findings_gives_the_plan_and_the_report() {
        let paths: Vec<_> = emit(&Plan::refused(Vec::new()))
            .unwrap()
            .into_iter()
            .map(|artefact| artefact.path)
            .collect();
        assert_eq!(paths, ["plan.json", "report.md"]);
    }

    #[test]
    fn two_artefacts_of_one_path_are_refused() {
        let mut plan = existing_device();
        plan.protection.jobs.push(plan.protection.jobs[0].clone());
        let error = emit(&plan).unwrap_err();
        assert!(
            matches!(&error, EmitError::SamePath { path } if path == "snapper/shop"),
            "{error}"
        );
    }
}
