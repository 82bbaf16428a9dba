//! Configurations of snapper.
//!
//! Every key is written, also where it says what snapper would do anyway: snapper's own defaults, its
//! template's and NixOS' differ from one another, and a file that leaves keys out means something else
//! with each of them.

use std::fmt::{self, Write};

use podman_btrfs_core::plan::{Job, JobSubvolume, Plan};
use podman_btrfs_core::spec::SnapshotTool;

use crate::plain::{file_name, plain};
use crate::{Artefact, EmitError};

const HEADER: &str = "# Written by podman-btrfs from its plan: snapper-configs(5).\n";
/// snapper's own; also the least that we set.
const MIN_AGE_SECONDS: u64 = 1800;

/// `snapper/<config>` for each subvolume of each job that snapper does.
pub(crate) fn emit(plan: &Plan) -> Result<Vec<Artefact>, EmitError> {
    plan.protection
        .jobs
        .iter()
        .filter(|job| job.tool == SnapshotTool::Snapper)
        .flat_map(|job| job.subvolumes.iter().map(move |subvolume| (job, subvolume)))
        .map(|(job, subvolume)| config(job, subvolume))
        .collect()
}

fn config(job: &Job, subvolume: &JobSubvolume) -> Result<Artefact, EmitError> {
    let path = path(subvolume)?;
    let mut text = HEADER.to_owned();
    for (key, value) in keys(job, subvolume)? {
        let _ = writeln!(text, "{key}=\"{value}\"");
    }
    Ok(Artefact { path, text })
}

fn path(subvolume: &JobSubvolume) -> Result<String, EmitError> {
    let name = file_name("snapper", "the configuration's name", &subvolume.name)?;
    Ok(format!("snapper/{name}"))
}

/// A value of one of snapper's keys. The files know text only; NixOS tells these kinds apart.
pub(crate) enum Setting {
    Text(String),
    Number(u64),
    Flag(bool),
    /// Names, of which we never give any.
    NoNames,
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Flag(true) => f.write_str("yes"),
            Self::Flag(false) => f.write_str("no"),
            Self::NoNames => Ok(()),
        }
    }
}

/// Every key of a configuration.
pub(crate) fn keys(
    job: &Job,
    subvolume: &JobSubvolume,
) -> Result<Vec<(&'static str, Setting)>, EmitError> {
    use Setting::{Flag, NoNames, Number};
    let text = |value: &str| Setting::Text(value.to_owned());
    let count = |count: Option<u32>| Number(count.unwrap_or(0).into());
    let host_path = plain(
        &path(subvolume)?,
        "the subvolume",
        subvolume.host_path.as_str(),
    )?;
    let keep_all_seconds = u64::from(job.keep_all_hours) * 3600;
    Ok(vec![
        ("SUBVOLUME", text(host_path)),
        ("FSTYPE", text("btrfs")),
        // Without a quota group the two limits below do nothing, and quota groups stay off.
        ("QGROUP", text("")),
        ("SPACE_LIMIT", text("0.5")),
        ("FREE_LIMIT", text("0.2")),
        ("ALLOW_USERS", NoNames),
        ("ALLOW_GROUPS", NoNames),
        ("SYNC_ACL", Flag(false)),
        // Reads every changed file of both snapshots, for a list of changes that nobody looks at here.
        ("BACKGROUND_COMPARISON", Flag(false)),
        ("NUMBER_CLEANUP", Flag(true)),
        ("NUMBER_MIN_AGE", Number(MIN_AGE_SECONDS)),
        ("NUMBER_LIMIT", Number(50)),
        ("NUMBER_LIMIT_IMPORTANT", Number(10)),
        ("TIMELINE_CREATE", Flag(true)),
        ("TIMELINE_CLEANUP", Flag(true)),
        // snapper keeps one snapshot an hour at most; younger than this it keeps every one.
        (
            "TIMELINE_MIN_AGE",
            Number(keep_all_seconds.max(MIN_AGE_SECONDS)),
        ),
        ("TIMELINE_LIMIT_HOURLY", count(job.keep.hourly)),
        ("TIMELINE_LIMIT_DAILY", count(job.keep.daily)),
        ("TIMELINE_LIMIT_WEEKLY", count(job.keep.weekly)),
        ("TIMELINE_LIMIT_MONTHLY", count(job.keep.monthly)),
        ("TIMELINE_LIMIT_QUARTERLY", count(None)),
        ("TIMELINE_LIMIT_YEARLY", count(job.keep.yearly)),
        ("EMPTY_PRE_POST_CLEANUP", Flag(true)),
        ("EMPTY_PRE_POST_MIN_AGE", Number(MIN_AGE_SECONDS)),
    ])
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::fixtures::{artefact, existing_device, single_disk};

    #[test]
    fn every_key_is_written() {
        expect![[r##"
            # Written by podman-btrfs from its plan: snapper-configs(5).
            SUBVOLUME="/srv/tank/shop"
            FSTYPE="btrfs"
            QGROUP=""
            SPACE_LIMIT="0.5"
            FREE_LIMIT="0.2"
            ALLOW_USERS=""
            ALLOW_GROUPS=""
            SYNC_ACL="no"
            BACKGROUND_COMPARISON="no"
            NUMBER_CLEANUP="yes"
            NUMBER_MIN_AGE="1800"
            NUMBER_LIMIT="50"
            NUMBER_LIMIT_IMPORTANT="10"
            TIMELINE_CREATE="yes"
            TIMELINE_CLEANUP="yes"
            TIMELINE_MIN_AGE="7200"
            TIMELINE_LIMIT_HOURLY="24"
            TIMELINE_LIMIT_DAILY="14"
            TIMELINE_LIMIT_WEEKLY="8"
            TIMELINE_LIMIT_MONTHLY="12"
            TIMELINE_LIMIT_QUARTERLY="0"
            TIMELINE_LIMIT_YEARLY="2"
            EMPTY_PRE_POST_CLEANUP="yes"
            EMPTY_PRE_POST_MIN_AGE="1800"
        "##]]
        .assert_eq(&artefact(&existing_device(), "snapper/shop"));
    }

    #[test]
    fn btrbks_jobs_are_not_snappers() {
        assert_eq!(emit(&single_disk()).unwrap(), []);
    }

    #[test]
    fn a_name_that_would_end_its_quotes_or_leave_its_directory_is_refused() {
        for name in ["a\"b", "../shop", "a b"] {
            let mut plan = existing_device();
            plan.protection.jobs[0].subvolumes[0].name = name.into();
            assert!(emit(&plan).is_err(), "{name}");
        }
    }
}
