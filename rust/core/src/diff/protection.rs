//! Snapshots, retention and copies.

use serde_json::Value;

use super::Difference;
use super::change::{Change, Sides};
use super::claims::{Claim, by, follows};
use super::kind::Kind;
use super::retention::{gone, runs_within, shortened};
use super::series::{series_of_job, whole_job};
use crate::plan::{Job, JobTarget, Plan, Subject};
use crate::units::Duration;

const OWN: &str = "it is what jobs and their subvolumes are told apart by";
const BY_SERIES: &str = "what is taken and what not is told";

pub(super) const CLAIMS: &[Claim] = &[
    by("protection.jobs.*", whole_job),
    follows("protection.jobs.*.name", OWN),
    by("protection.jobs.*.tool", tool),
    follows("protection.jobs.*.policy", OWN),
    follows("protection.jobs.*.filesystem", OWN),
    follows(
        "protection.jobs.*.volumeDirectory",
        "the filesystem's mount point is told",
    ),
    by("protection.jobs.*.snapshotDirectory", snapshot_directory),
    by("protection.jobs.*.schedule.onCalendar", schedule),
    follows(
        "protection.jobs.*.schedule.intervalSeconds",
        "the calendar expression is told",
    ),
    by("protection.jobs.*.spread", spread),
    by("protection.jobs.*.spread.seconds", spread),
    follows(
        "protection.jobs.*.spread.subvolumes",
        "it is one number for all plans",
    ),
    by("protection.jobs.*.keep.hourly", keep),
    by("protection.jobs.*.keep.daily", keep),
    by("protection.jobs.*.keep.weekly", keep),
    by("protection.jobs.*.keep.monthly", keep),
    by("protection.jobs.*.keep.yearly", keep),
    by("protection.jobs.*.keepAllHours", keep_all),
    by("protection.jobs.*.subvolumes.*", series_of_job),
    follows("protection.jobs.*.subvolumes.*.path", BY_SERIES),
    follows("protection.jobs.*.subvolumes.*.hostPath", BY_SERIES),
    follows("protection.jobs.*.subvolumes.*.name", OWN),
    follows("protection.jobs.*.subvolumes.*.workload", OWN),
    follows("protection.jobs.*.subvolumes.*.copy", OWN),
    follows(
        "protection.jobs.*.subvolumes.*.takenBy",
        "the group's is told",
    ),
    by("protection.jobs.*.targets.*", target),
    by("protection.jobs.*.targets.*.url", target_moved),
    by("protection.jobs.*.targets.*.keep.hourly", target_keep),
    by("protection.jobs.*.targets.*.keep.daily", target_keep),
    by("protection.jobs.*.targets.*.keep.weekly", target_keep),
    by("protection.jobs.*.targets.*.keep.monthly", target_keep),
    by("protection.jobs.*.targets.*.keep.yearly", target_keep),
    by(
        "protection.jobs.*.targets.*.encryption",
        encrypted_otherwise,
    ),
    by(
        "protection.jobs.*.targets.*.encryption.recipient",
        other_recipient,
    ),
    by(
        "protection.jobs.*.targets.*.encryption.keyring",
        other_keyring,
    ),
    follows("protection.unprotected", BY_SERIES),
];

/// The job of a change in the old plan and in the new one.
pub(super) fn jobs<'p>(change: &Change, sides: &Sides<'p>) -> (Option<&'p Job>, Option<&'p Job>) {
    let wanted = change.name(0);
    let old = sides.old.protection.jobs.iter().find(|job| {
        let filesystem = sides.identity.filesystem(job.filesystem.as_str());
        format!("{}-{filesystem}", job.policy) == wanted
    });
    let new = sides
        .new
        .protection
        .jobs
        .iter()
        .find(|job| job.name == wanted);
    (old, new)
}

/// The policy of a change, and the filesystem where the policy has jobs on several.
fn subject(change: &Change, sides: &Sides) -> Subject {
    let (old, new) = jobs(change, sides);
    let policy = new
        .or(old)
        .map_or_else(String::new, |job| job.policy.to_string());
    Subject::Policy(policy)
}

/// The field with the filesystem, where a policy has jobs on several.
fn field(change: &Change, sides: &Sides, name: &str) -> String {
    let (old, new) = jobs(change, sides);
    let Some(job) = new.or(old) else {
        return name.to_owned();
    };
    let same = |plan: &Plan| {
        plan.protection
            .jobs
            .iter()
            .filter(|other| other.policy == job.policy)
            .count()
    };
    if same(sides.new).max(same(sides.old)) > 1 {
        format!("{name} on {}", job.filesystem)
    } else {
        name.to_owned()
    }
}

fn tool(change: &Change, sides: &Sides) -> Vec<Difference> {
    let (old, new) = (change.old_text(), change.new_text());
    change.told(
        Kind::ToolChanged,
        subject(change, sides),
        &field(change, sides, "tool"),
        format!(
            "{new} begins a series of its own; the snapshots of {old} stay, and nothing prunes them"
        ),
        format!("delete the snapshots of {old} by hand when they are old enough"),
    )
}

fn snapshot_directory(change: &Change, sides: &Sides) -> Vec<Difference> {
    let (old, new) = jobs(change, sides);
    let moved_along = old.zip(new).is_some_and(|(old, new)| {
        let below = |job: &Job| {
            job.snapshot_directory
                .to_string()
                .strip_prefix(&job.volume_directory.to_string())
                .map(str::to_owned)
        };
        old.volume_directory != new.volume_directory && below(old) == below(new)
    });
    if moved_along {
        return Vec::new();
    }
    change.told(
        Kind::SnapshotsMoved,
        subject(change, sides),
        &field(change, sides, "snapshotDirectory"),
        "the snapshots that exist are not found there: they are neither pruned nor the base of the next copy, which sends everything",
        "move them with the timer stopped",
    )
}

fn spread(change: &Change, sides: &Sides) -> Vec<Difference> {
    change.told(
        Kind::SettingChanged,
        subject(change, sides),
        &field(change, sides, "spread"),
        "its runs start at other times within that many seconds; the time between two of them stays, but for the first",
        "",
    )
}

fn schedule(change: &Change, sides: &Sides) -> Vec<Difference> {
    let interval = |job: Option<&Job>| job.map_or(0, |job| job.schedule.interval_seconds);
    let (old, new) = jobs(change, sides);
    let (before, after) = (interval(old), interval(new));
    let compared = match after.cmp(&before) {
        std::cmp::Ordering::Greater => "more may be lost",
        std::cmp::Ordering::Less => "less may be lost",
        std::cmp::Ordering::Equal => "as much may be lost as before",
    };
    let happens = format!(
        "a snapshot every {} instead of every {}: {compared}",
        Duration::from_seconds(after),
        Duration::from_seconds(before)
    );
    change.told(
        Kind::ScheduleChanged,
        subject(change, sides),
        &field(change, sides, "schedule"),
        happens,
        "",
    )
}

/// How many series a job takes in both plans.
fn common(old: &Job, new: &Job, sides: &Sides) -> usize {
    let names =
        |job: &Job| -> Vec<String> { job.subvolumes.iter().map(|it| it.name.clone()).collect() };
    let new = names(new);
    old.subvolumes
        .iter()
        .filter(|taken| new.contains(&sides.identity.series(taken.workload.as_str(), &taken.name)))
        .count()
}

fn keep(change: &Change, sides: &Sides) -> Vec<Difference> {
    let bucket = change.field();
    let field = field(change, sides, &format!("keep.{bucket}"));
    let subject = subject(change, sides);
    let (Some(old), Some(new)) = jobs(change, sides) else {
        return Vec::new();
    };
    let fewer: Vec<_> = shortened(&old.keep, &new.keep)
        .into_iter()
        .filter(|it| it.bucket == bucket)
        .collect();
    if fewer.is_empty() {
        let happens = "more are kept from now on; the disk holds what they hold for longer";
        return change.told(Kind::RetentionExtended, subject, &field, happens, "");
    }
    // The other tool prunes nothing of what this one took.
    if old.tool != new.tool {
        return change.told(
            Kind::SettingChanged,
            subject,
            &field,
            "the new tool's series is kept so",
            "",
        );
    }
    change.told(
        Kind::RetentionShortened,
        subject,
        &field,
        format!(
            "the next run of {} deletes {}",
            new.tool.name(),
            gone(&fewer, common(old, new, sides))
        ),
        "copy what must not go before the switch",
    )
}

fn keep_all(change: &Change, sides: &Sides) -> Vec<Difference> {
    let (Some(old), Some(new)) = jobs(change, sides) else {
        return Vec::new();
    };
    let subject = subject(change, sides);
    let field = field(change, sides, "keepAllHours");
    if old.schedule != new.schedule {
        let happens = "it follows the schedule: the newest two snapshots are kept, whatever the retention says";
        return change.told(Kind::SettingChanged, subject, &field, happens, "");
    }
    if new.keep_all_hours >= old.keep_all_hours || old.tool != new.tool {
        let happens = "all snapshots of that long are kept, before retention thins them";
        return change.told(Kind::RetentionExtended, subject, &field, happens, "");
    }
    let happens = format!(
        "of the newest {} snapshots of each subvolume, the next run thins out what is older than {}h",
        runs_within(old),
        new.keep_all_hours
    );
    change.told(Kind::RetentionShortened, subject, &field, happens, "")
}

fn target(change: &Change, sides: &Sides) -> Vec<Difference> {
    let subject = subject(change, sides);
    let field = field(change, sides, &format!("targets.{}", change.name(1)));
    let url = |value: &Option<Value>| Change::text(value.as_ref().and_then(|it| it.get("url")));
    if change.old.is_none() {
        let happens = format!(
            "the next run sends everything to {}, and later runs what changed",
            url(&change.new)
        );
        change.told(Kind::CopiesBegin, subject, &field, happens, "")
    } else {
        let happens = format!(
            "no further copy goes to {}; those that are there stay, and nothing prunes them",
            url(&change.old)
        );
        change.told(
            Kind::CopiesStop,
            subject,
            &field,
            happens,
            "make sure that what is left survives the loss of this host",
        )
    }
}

fn target_moved(change: &Change, sides: &Sides) -> Vec<Difference> {
    change.told(
        Kind::TargetMoved,
        subject(change, sides),
        &field(change, sides, &format!("targets.{}.url", change.name(1))),
        "the next run sends everything to the new place; the copies at the old one stay, and nothing prunes them",
        "send the copies on with their history, where it is needed",
    )
}

fn encrypted_otherwise(change: &Change, sides: &Sides) -> Vec<Difference> {
    let happens = if change.new.as_ref().is_some_and(|new| !new.is_null()) {
        "from the next run on copies go there as encrypted files, each of them whole; the subvolumes that lie there stay readable for who has that host, and nothing prunes them"
    } else {
        "from the next run on copies go there as subvolumes, which who has that host can read; the encrypted files that lie there stay, and nothing prunes them"
    };
    change.told(
        Kind::TargetEncryptionChanged,
        subject(change, sides),
        &field(
            change,
            sides,
            &format!("targets.{}.encryption", change.name(1)),
        ),
        happens,
        "give the target another `url` with it, and delete what is at the old one when the new copies reach as far back",
    )
}

fn other_recipient(change: &Change, sides: &Sides) -> Vec<Difference> {
    change.told(
        Kind::TargetEncryptionChanged,
        subject(change, sides),
        &field(
            change,
            sides,
            &format!("targets.{}.encryption.recipient", change.name(1)),
        ),
        "new copies are for the new key; those that lie there are for the old one and stay so",
        "keep the old private key for as long as copies for it are kept",
    )
}

fn other_keyring(change: &Change, sides: &Sides) -> Vec<Difference> {
    change.told(
        Kind::SettingChanged,
        subject(change, sides),
        &field(
            change,
            sides,
            &format!("targets.{}.encryption.keyring", change.name(1)),
        ),
        "the next run looks for the recipient's public key there; where it is not, nothing is sent",
        "",
    )
}

fn target_keep(change: &Change, sides: &Sides) -> Vec<Difference> {
    let bucket = change.field();
    let subject = subject(change, sides);
    let field = field(
        change,
        sides,
        &format!("targets.{}.keep.{bucket}", change.name(1)),
    );
    let (Some(old), Some(new)) = jobs(change, sides) else {
        return Vec::new();
    };
    let of = |job: &Job| {
        let found = job
            .targets
            .iter()
            .find(|(name, _)| name.as_str() == change.name(1));
        found.map(|(_, JobTarget { keep, .. })| *keep)
    };
    let (before, after) = (of(old).unwrap_or_default(), of(new).unwrap_or_default());
    let fewer: Vec<_> = shortened(&before, &after)
        .into_iter()
        .filter(|it| it.bucket == bucket)
        .collect();
    if fewer.is_empty() {
        return change.told(
            Kind::RetentionExtended,
            subject,
            &field,
            "more copies are kept there",
            "",
        );
    }
    let happens = format!(
        "the next run deletes copies there: {}",
        gone(&fewer, common(old, new, sides))
    );
    change.told(
        Kind::CopiesShortened,
        subject,
        &field,
        happens,
        "keep elsewhere what must not go",
    )
}
