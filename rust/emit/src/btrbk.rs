//! Configurations of btrbk.
//!
//! The format has lines, contexts by order (global, `volume`, `target` or `subvolume`), no escapes, and
//! `no` as a value means "unset" for most options. What is accepted was read in and tried with 0.32.5.

use std::fmt::Write;

use podman_btrfs_core::plan::{Job, JobSubvolume, JobTarget, Plan, Taker};
use podman_btrfs_core::spec::Keep;

use crate::btrbk_runs::runs;
use crate::plain::{file_name, plain};
use crate::{Artefact, EmitError};

const HEADER: &str = "# Written by podman-btrfs from its plan: btrbk.conf(5).\n";

/// `btrbk/<job>.conf` for each run of each job that btrbk does.
pub(crate) fn emit(plan: &Plan) -> Result<Vec<Artefact>, EmitError> {
    runs(plan).map(|run| config(&run)).collect()
}

fn config(job: &Job) -> Result<Artefact, EmitError> {
    let path = path(job)?;
    let section = section(job)?;
    let mut text = HEADER.to_owned();
    write_options(&mut text, 0, &section);
    for (kind, name, volume) in &section.sections {
        let _ = writeln!(text, "\n{kind} {name}");
        write_options(&mut text, 1, volume);
        for (kind, name, inner) in &volume.sections {
            let _ = writeln!(text, "  {kind} {name}");
            write_options(&mut text, 2, inner);
        }
    }
    Ok(Artefact { path, text })
}

fn path(job: &Job) -> Result<String, EmitError> {
    let name = file_name("btrbk", "the job's name", &job.name)?;
    Ok(format!("btrbk/{name}.conf"))
}

fn write_options(text: &mut String, depth: usize, section: &Section) {
    for (key, value) in &section.options {
        let _ = writeln!(text, "{:indent$}{key} {value}", "", indent = 2 * depth);
    }
}

/// What holds for a context of btrbk's format, and the contexts below it, in btrbk's order.
#[derive(Default)]
pub(crate) struct Section {
    pub(crate) options: Vec<(&'static str, String)>,
    /// Kind, name, content.
    pub(crate) sections: Vec<(&'static str, String, Section)>,
}

/// What btrbk is told of a job.
pub(crate) fn section(job: &Job) -> Result<Section, EmitError> {
    let path = path(job)?;
    let volume = plain(&path, "the volume directory", job.volume_directory.as_str())?;
    let snapshots = plain(
        &path,
        "the snapshot directory",
        job.snapshot_directory.as_str(),
    )?;
    let targets = job.targets.values().map(|one| target(&path, one));
    let subvolumes = job
        .subvolumes
        .iter()
        .map(|one| subvolume(&path, volume, one));
    let inside = Section {
        options: Vec::new(),
        sections: targets.chain(subvolumes).collect::<Result<_, _>>()?,
    };
    Ok(Section {
        options: vec![
            // With the offset to UTC in the name: without it the hour that daylight saving time repeats
            // would order snapshots wrongly.
            ("timestamp_format", "long-iso".to_owned()),
            ("snapshot_dir", snapshots.to_owned()),
            ("snapshot_preserve_min", preserve_min(job.keep_all_hours)),
            ("snapshot_preserve", preserve(&job.keep)),
        ],
        sections: vec![("volume", volume.to_owned(), inside)],
    })
}

/// `latest` keeps the one that the next incremental copy starts from; the default is to keep all.
fn preserve_min(hours: u32) -> String {
    if hours == 0 {
        "latest".into()
    } else {
        format!("{hours}h")
    }
}

/// `24h 14d 8w 12m 2y`; `no` where nothing is kept by age.
fn preserve(keep: &Keep) -> String {
    let parts: Vec<String> = [
        (keep.hourly, 'h'),
        (keep.daily, 'd'),
        (keep.weekly, 'w'),
        (keep.monthly, 'm'),
        (keep.yearly, 'y'),
    ]
    .into_iter()
    .filter_map(|(count, unit)| Some((count.filter(|count| *count > 0)?, unit)))
    .map(|(count, unit)| format!("{count}{unit}"))
    .collect();
    if parts.is_empty() {
        "no".into()
    } else {
        parts.join(" ")
    }
}

type Named = (&'static str, String, Section);

fn target(path: &str, target: &JobTarget) -> Result<Named, EmitError> {
    let address = target.url.address();
    let address = plain(path, "the target", &address)?;
    let mut section = Section::default();
    if let Some(user) = target.url.user() {
        let user = plain(path, "the target's user", user)?;
        section.options.push(("ssh_user", user.to_owned()));
    }
    let keeps = ("target_preserve", preserve(&target.keep));
    let Some(encryption) = &target.encryption else {
        // Every new snapshot is sent, so that a copy is never older than the newest snapshot.
        let least = ("target_preserve_min", "latest".to_owned());
        section.options.extend([least, keeps]);
        return Ok(("target", address.to_owned(), section));
    };
    let keyring = plain(path, "the keyring", encryption.keyring.as_str())?;
    section.options.extend([
        // Of a chain btrbk deletes nothing, ever, and one file that is lost ends all behind it: each copy stands alone.
        ("incremental", "no".to_owned()),
        ("raw_target_compress", "zstd".to_owned()),
        ("raw_target_encrypt", "gpg".to_owned()),
        ("gpg_keyring", keyring.to_owned()),
        ("gpg_recipient", encryption.recipient.to_string()),
        // A whole copy is sent where it is to be kept, and not for each snapshot to be deleted at the next one.
        ("target_preserve_min", "no".to_owned()),
        keeps,
    ]);
    Ok(("target", format!("raw {address}"), section))
}

fn subvolume(path: &str, volume: &str, subvolume: &JobSubvolume) -> Result<Named, EmitError> {
    let host_path = plain(path, "the subvolume", subvolume.host_path.as_str())?;
    let name = file_name(path, "the snapshots' name", &subvolume.name)?;
    let relative = match host_path.strip_prefix(volume) {
        Some("") => ".",
        // The mount at `/` has no slash of its own between it and what is below.
        Some(rest) if volume == "/" || rest.starts_with('/') => rest.trim_start_matches('/'),
        // btrbk takes an absolute path below any volume.
        Some(_) | None => host_path,
    };
    let mut section = Section::default();
    let default_name = host_path.rsplit('/').next().unwrap_or_default();
    // Also because btrbk reads `snapshot_name no` as "unset", and then has no name at all.
    if name != default_name {
        if name == "no" {
            return Err(EmitError::Unquotable {
                artefact: path.to_owned(),
                what: "the snapshots' name",
                value: name.to_owned(),
                why: "btrbk reads it as \"unset\"",
            });
        }
        section.options.push(("snapshot_name", name.to_owned()));
    }
    // It prunes and sends what we take under that name.
    if subvolume.taken_by == Taker::PodmanBtrfs {
        section.options.push(("snapshot_create", "no".to_owned()));
    }
    Ok(("subvolume", relative.to_owned(), section))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use podman_btrfs_core::spec::TargetEncryption;

    use super::*;
    use crate::fixtures::{artefact, existing_device, hostile_names, parse, single_disk};

    #[test]
    fn a_job_with_a_copy_elsewhere() {
        expect![[r#"
            # Written by podman-btrfs from its plan: btrbk.conf(5).
            timestamp_format long-iso
            snapshot_dir /srv/tank/.snapshots
            snapshot_preserve_min 2h
            snapshot_preserve 24h 14d 8w 12m 2y

            volume /srv/tank
              target ssh://nas/srv/backup
                ssh_user backup
                target_preserve_min latest
                target_preserve 30d 24m
              subvolume shop
        "#]]
        .assert_eq(&artefact(&single_disk(), "btrbk/gold-tank.conf"));
    }

    #[test]
    fn encrypted_copies_are_whole_and_only_those_that_are_kept() {
        let mut plan = single_disk();
        for target in plan.protection.jobs[0].targets.values_mut() {
            target.encryption = Some(TargetEncryption {
                recipient: parse("5BC8D07EA8A3597F05D25B67889C6E5CCCEA96CE"),
                keyring: parse("/etc/podman-btrfs/offsite.gpg"),
            });
        }
        let text = artefact(&plan, "btrbk/gold-tank.conf");
        let begin = text.find("volume ").unwrap();
        expect![[r#"
            volume /srv/tank
              target raw ssh://nas/srv/backup
                ssh_user backup
                incremental no
                raw_target_compress zstd
                raw_target_encrypt gpg
                gpg_keyring /etc/podman-btrfs/offsite.gpg
                gpg_recipient 5BC8D07EA8A3597F05D25B67889C6E5CCCEA96CE
                target_preserve_min no
                target_preserve 30d 24m
              subvolume shop
        "#]]
        .assert_eq(&text[begin..]);
    }

    #[test]
    fn a_series_named_no_is_left_to_btrbks_default_which_is_the_same() {
        let text = artefact(&hostile_names(), "btrbk/gold-tank.conf");
        assert!(text.ends_with("  subvolume no\n"), "{text}");
        assert!(!text.contains("snapshot_name"));

        let mut plan = single_disk();
        plan.protection.jobs[0].subvolumes[0].name = "no".into();
        assert!(emit(&plan).is_err());
    }

    #[test]
    fn keeping_nothing_by_age_keeps_the_newest_and_not_all() {
        let mut plan = single_disk();
        let job = &mut plan.protection.jobs[0];
        job.keep = Keep {
            daily: Some(0),
            ..Keep::default()
        };
        job.keep_all_hours = 0;
        let text = artefact(&plan, "btrbk/gold-tank.conf");
        assert!(
            text.contains("\nsnapshot_preserve_min latest\nsnapshot_preserve no\n"),
            "{text}"
        );
    }

    #[test]
    fn a_subvolume_is_named_from_its_volume_directory_where_it_is_below() {
        let line = |volume: &str, host_path: &str| {
            let mut plan = single_disk();
            let job = &mut plan.protection.jobs[0];
            job.volume_directory = parse(volume);
            job.subvolumes[0].host_path = parse(host_path);
            let text = artefact(&plan, "btrbk/gold-tank.conf");
            text.lines()
                .find(|line| line.trim_start().starts_with("subvolume"))
                .unwrap()
                .to_owned()
        };
        assert_eq!(line("/srv/tank", "/srv/tank/shop"), "  subvolume shop");
        assert_eq!(line("/srv/tank", "/srv/tank"), "  subvolume .");
        assert_eq!(line("/", "/srv/tank"), "  subvolume srv/tank");
        assert_eq!(
            line("/srv/tank", "/srv/tank2/shop"),
            "  subvolume /srv/tank2/shop"
        );
    }

    #[test]
    fn what_we_take_is_only_pruned_and_sent() {
        let mut plan = single_disk();
        plan.protection.jobs[0].subvolumes[0].taken_by = Taker::PodmanBtrfs;
        let text = artefact(&plan, "btrbk/gold-tank.conf");
        assert!(
            text.ends_with("  subvolume shop\n    snapshot_create no\n"),
            "{text}"
        );
    }

    #[test]
    fn snappers_jobs_are_not_btrbks() {
        assert_eq!(emit(&existing_device()).unwrap(), []);
    }

    #[test]
    fn a_line_break_in_a_name_is_refused() {
        let mut plan = single_disk();
        plan.protection.jobs[0].subvolumes[0].name = "a\nbackend btrfs-progs-sudo".into();
        let error = emit(&plan).unwrap_err().to_string();
        assert!(
            error.contains("the snapshots' name `a\\nbackend"),
            "{error}"
        );
    }
}
