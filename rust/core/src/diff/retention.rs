//! What is kept, and what is gone at the next run.

use crate::plan::Job;
use crate::spec::Keep;

/// A bucket of retention with fewer places than before.
pub(super) struct Shortened {
    /// `daily` and so on.
    pub(super) bucket: &'static str,
    pub(super) old: u32,
    pub(super) new: u32,
}

/// A bucket's name, and its places.
type Bucket = (&'static str, fn(&Keep) -> Option<u32>);

const BUCKETS: [Bucket; 5] = [
    ("hourly", |keep| keep.hourly),
    ("daily", |keep| keep.daily),
    ("weekly", |keep| keep.weekly),
    ("monthly", |keep| keep.monthly),
    ("yearly", |keep| keep.yearly),
];

/// The buckets that hold fewer.
pub(super) fn shortened(old: &Keep, new: &Keep) -> Vec<Shortened> {
    BUCKETS
        .iter()
        .filter_map(|(bucket, count)| {
            let (old, new) = (count(old).unwrap_or(0), count(new).unwrap_or(0));
            (new < old).then_some(Shortened { bucket, old, new })
        })
        .collect()
}

/// How many snapshots of so many series that are, at most, in words.
pub(super) fn gone(shortened: &[Shortened], series: usize) -> String {
    let parts: Vec<String> = shortened
        .iter()
        .map(|it| format!("{} {}", it.old - it.new, it.bucket))
        .collect();
    let each: u64 = shortened.iter().map(|it| u64::from(it.old - it.new)).sum();
    let together = each.saturating_mul(series as u64);
    if series == 1 {
        format!("up to {} of 1 subvolume", parts.join(", "))
    } else {
        format!(
            "up to {} of each of {series} subvolumes, {together} together",
            parts.join(", ")
        )
    }
}

/// For how many snapshots everything is kept.
pub(super) fn runs_within(job: &Job) -> u64 {
    u64::from(job.keep_all_hours) * 3600 / job.schedule.interval_seconds.max(1)
}
