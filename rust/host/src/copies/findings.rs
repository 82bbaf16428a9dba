//! What somebody is to know of a target.

use podman_btrfs_core::finding::Level;

use super::{CopyFinding, Report, SeriesReport, TargetReport, TargetState, Wanted, anew};
use crate::observe::snapshot_names;
use crate::remote::{Lack, RemoteSnapshot};

/// Below this part of its capacity a target is nearly full.
const NEARLY_FULL: u64 = 20;
const DAY: u64 = 24 * 60 * 60;

/// A size as one reads it, with one digit behind the point.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] = [
        (1 << 40, "TiB"),
        (1 << 30, "GiB"),
        (1 << 20, "MiB"),
        (1 << 10, "KiB"),
    ];
    for (unit, name) in UNITS {
        if bytes >= unit {
            let tenths = u128::from(bytes) * 10 / u128::from(unit);
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
    }
    format!("{bytes} bytes")
}

fn ago(then: u64, now: u64) -> String {
    match now.saturating_sub(then) {
        seconds if seconds < 2 * 60 * 60 => format!("{} minutes ago", seconds / 60),
        seconds if seconds < 2 * DAY => format!("{} hours ago", seconds / (60 * 60)),
        seconds => format!("{} days ago", seconds / DAY),
    }
}

/// A target that could not be looked at.
pub(super) fn not_seen(told: &TargetReport, report: &mut Report) {
    let why = told.why.as_deref().unwrap_or_default();
    let last = match told.last_seen {
        Some(last) => format!("last seen {}", ago(last, report.looked)),
        None => "never seen, as far as the records tell".to_owned(),
    };
    let is_away = told.state == TargetState::Absent;
    report.findings.push(CopyFinding {
        kind: if is_away { "target-absent" } else { "target-unknown" },
        level: if is_away { Level::Warn } else { Level::Error },
        target: told.name.clone(),
        series: None,
        message: format!("{} ({last})", first_line(why)),
        help: if is_away {
            "when it is back the next run sends the differences; until then btrbk thins none of these snapshots here, so that none is lost that they start from".into()
        } else {
            "what is there is not known: see to it, and look again".into()
        },
    });
}

/// A target that was looked at.
pub(super) fn seen(told: &TargetReport, wanted: &Wanted<'_>, report: &mut Report) {
    nearly_full(told, report);
    for one in &told.series {
        let job = wanted.jobs.iter().find(|job| job.name == one.job);
        let mut interval = job.map_or(DAY, |job| job.schedule.interval_seconds);
        if told.encrypted {
            interval = interval.max(wanted.keep.finest().0);
        }
        let found = [
            begun_anew(told, one, wanted).or_else(|| chain(told, one)),
            unfinished(told, one),
            behind(told, one, interval, report.looked),
            missing(told, one),
        ];
        report.findings.extend(found.into_iter().flatten());
    }
}

/// A disk of this host on which a power cut can leave a copy that looks whole.
pub(super) fn commits_before_data(told: &TargetReport, mount_point: &str, report: &mut Report) {
    report.findings.push(CopyFinding {
        kind: "commits-before-data",
        level: Level::Warn,
        target: told.name.clone(),
        series: None,
        message: format!(
            "{mount_point} is mounted without `flushoncommit`: a copy that is sent there while the power goes, or the disk is pulled, can look whole and lack data"
        ),
        help: format!(
            "`flushoncommit` among its options (`fileSystems.\"{mount_point}\".options`, or /etc/fstab), and mount it anew"
        ),
    });
}

fn nearly_full(told: &TargetReport, report: &mut Report) {
    let (Some(free), Some(capacity)) = (told.free_bytes, told.capacity_bytes) else {
        return;
    };
    let next = told.series.iter().filter_map(|one| one.next.as_ref());
    let next: u64 = next.filter_map(|next| next.bytes).sum();
    if free > next.max(capacity / NEARLY_FULL) {
        return;
    }
    report.findings.push(CopyFinding {
        kind: "target-nearly-full",
        level: if next > free { Level::Error } else { Level::Warn },
        target: told.name.clone(),
        series: None,
        message: format!(
            "it takes {} more, of {}; the next sends are about {}",
            size(free),
            size(capacity),
            size(next)
        ),
        help: "give it room, or let the target keep less (`targets.<name>.keep`): a send that finds none breaks off, and what waits is sent by the next run".into(),
    });
}

fn begun_anew(told: &TargetReport, one: &SeriesReport, wanted: &Wanted<'_>) -> Option<CopyFinding> {
    let (born, newest) = (one.begun_anew?, one.newest.as_deref()?);
    let mut subvolumes = wanted.jobs.iter().flat_map(|job| &job.subvolumes);
    let subvolume = subvolumes.find(|known| known.name == one.series)?;
    Some(anew::finding(&told.name, (subvolume, born), newest))
}

fn chain(told: &TargetReport, one: &SeriesReport) -> Option<CopyFinding> {
    let next = one.next.as_ref().filter(|_| one.parent.is_none())?;
    let bytes = match (next.bytes, &next.unknown) {
        (Some(bytes), _) => format!("about {}", size(bytes)),
        (None, why) => format!(
            "of a size that is not known: {}",
            why.as_deref().unwrap_or_default()
        ),
    };
    let finding = |kind, level, message, help: &str| CopyFinding {
        kind,
        level,
        target: told.name.clone(),
        series: Some(one.series.clone()),
        message,
        help: help.to_owned(),
    };
    if told.encrypted && one.there > 0 {
        return None;
    }
    Some(if one.there == 0 {
        finding(
            "not-begun",
            Level::Note,
            format!("no copy is there yet: the first is sent whole, {bytes}"),
            "nothing is to be done: the next run sends it",
        )
    } else {
        finding(
            "chain-broken",
            Level::Warn,
            format!(
                "no snapshot here is one that the {} copies there were made of: the next is sent whole, {bytes}",
                one.there
            ),
            "the next run does it; later ones are differences again, and the copies that are there stay what they are",
        )
    })
}

fn unfinished(told: &TargetReport, one: &SeriesReport) -> Option<CopyFinding> {
    let first = one.unfinished.first()?;
    let others = match one.unfinished.len() {
        1 => String::new(),
        many => format!(" and {} more", many - 1),
    };
    Some(CopyFinding {
        kind: "half-received",
        level: Level::Warn,
        target: told.name.clone(),
        series: Some(one.series.clone()),
        message: format!(
            "{first}{others} was received only in part, is no copy, and keeps its name from being sent again"
        ),
        help: format!(
            "where the key may delete there: `btrbk -c /etc/btrbk/{}.conf clean`; else {}",
            one.job,
            if told.encrypted {
                "the receiver of this module takes it away when the next run looks, and elsewhere whoever looks after the target removes the file and its `.info`"
            } else {
                "whoever looks after the target removes it by `btrfs subvolume delete`"
            }
        ),
    })
}

/// Encrypted files that nothing can be got out of, of series that are sent there; what did not come to its end is told with its series.
pub(super) fn damaged(told: &TargetReport, list: &[RemoteSnapshot], report: &mut Report) {
    let is_sent = |one: &RemoteSnapshot| told.series.iter().any(|known| known.series == one.series);
    for one in list.iter().filter(|one| is_sent(one)) {
        let lacks = one.raw.as_ref().and_then(|raw| raw.lacks.as_ref());
        let Some(lacks) = lacks.filter(|lacks| **lacks != Lack::End) else {
            continue;
        };
        report.findings.push(CopyFinding {
            kind: "copy-damaged",
            level: Level::Warn,
            target: told.name.clone(),
            series: Some(one.series.clone()),
            message: format!("{} {}: it does not come back", one.name, lacks.shown()),
            help:
                "other copies are not touched by it; what is left of this one may be removed there"
                    .into(),
        });
    }
}

fn behind(told: &TargetReport, one: &SeriesReport, interval: u64, now: u64) -> Option<CopyFinding> {
    let taken = one.newest_taken?;
    let next = one.next.as_ref()?;
    let waits = snapshot_names::btrbk(&next.snapshot).map_or(now, |(_, taken)| taken);
    // One run may be under way, and one may have been missed.
    if waits.saturating_sub(taken) <= interval.saturating_mul(2) {
        return None;
    }
    Some(CopyFinding {
        kind: "copies-behind",
        level: Level::Warn,
        target: told.name.clone(),
        series: Some(one.series.clone()),
        message: format!(
            "the newest copy is of {}, and {} newer snapshots wait here",
            ago(taken, now),
            one.waiting
        ),
        help: format!(
            "`journalctl -u btrbk-{}` says why they were not sent",
            one.job
        ),
    })
}

fn missing(told: &TargetReport, one: &SeriesReport) -> Option<CopyFinding> {
    let (first, last) = (one.missing_days.first()?, one.missing_days.last()?);
    let days = match one.missing_days.len() {
        1 => format!("{first} has no copy"),
        many => format!("{many} days have no copy, from {first} to {last}"),
    };
    Some(CopyFinding {
        kind: "days-missing",
        level: Level::Note,
        target: told.name.clone(),
        series: Some(one.series.clone()),
        message: format!("{days}, though one of each day is kept"),
        help: "nothing was sent of them, or it was deleted there; it does not come back".into(),
    })
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_at_a_glance() {
        assert_eq!(size(0), "0 bytes");
        assert_eq!(size(1536), "1.5 KiB");
        assert_eq!(size(u64::MAX), "16777215.9 TiB");
    }
}
