//! When a filesystem was last read and held against its checksums, and what was found.
//!
//! `btrfs scrub status` shows the time of the host's zone without naming it, which in autumn's hour is ambiguous; the
//! record that it reads has seconds since 1970.

use std::path::Path;

use podman_btrfs_core::clock::{Calendar, DAY, Zone};
use podman_btrfs_core::plan::FilesystemPlan;

use super::Collector;
use crate::system::{Fault, System};

/// Where `btrfs scrub` keeps its records (`btrfs-scrub(8)`).
const RECORDS: &str = "/var/lib/btrfs";

/// How often the plan has it scrubbed.
pub(super) fn planned(name: &str, filesystem: &FilesystemPlan, collector: &mut Collector) {
    let Some(calendar) = &filesystem.upkeep.scrub else {
        return;
    };
    match interval(calendar) {
        Some(seconds) => {
            let labels = [("filesystem", name)];
            collector.set("podman_btrfs_scrub_interval_seconds", &labels, seconds);
        }
        None => collector.unknown(
            name,
            "scrub-interval",
            &format!("the plan's calendar `{calendar}` is not understood"),
        ),
    }
}

/// The longest time between two runs. Twelve years, because months begin on other days of the week each year.
fn interval(calendar: &str) -> Option<u64> {
    /// 2027-01-01.
    const FROM: i64 = 1_798_761_600;
    let runs = Calendar::parse(calendar)?.runs(&Zone::UTC, FROM, FROM + 12 * 365 * DAY);
    let gaps = runs.windows(2).map(|pair| pair[1] - pair[0]);
    u64::try_from(gaps.max()?).ok()
}

pub(super) fn collect(
    name: &str,
    place: &str,
    system: &dyn System,
    collector: &mut Collector,
) -> Result<(), Fault> {
    let path = Path::new(RECORDS).join(format!("scrub.status.{}", uuid(system, place)?));
    // Never scrubbed, which is known.
    let Some(text) = system.read(&path)? else {
        return Ok(());
    };
    let record = Record::parse(&text).ok_or_else(|| {
        Fault::Unexpected(format!(
            "{} is not understood: it is of another version",
            path.display()
        ))
    })?;
    let labels = [("filesystem", name)];
    let start = "podman_btrfs_scrub_start_timestamp_seconds";
    collector.set(start, &labels, record.start);
    if let Some(end) = record.end {
        collector.set("podman_btrfs_scrub_end_timestamp_seconds", &labels, end);
    }
    for (result, count) in [
        ("healed", record.healed),
        ("uncorrectable", record.uncorrectable),
    ] {
        let labels = [("filesystem", name), ("result", result)];
        collector.set("podman_btrfs_scrub_errors", &labels, count);
    }
    Ok(())
}

fn uuid(system: &dyn System, place: &str) -> Result<String, Fault> {
    let printed = system.run("btrfs", &["filesystem", "show", "--", place])?;
    let uuid = printed
        .stdout
        .lines()
        .find_map(|line| Some(line.rsplit_once("  uuid: ")?.1.trim()));
    uuid.filter(|uuid| !uuid.is_empty() && uuid.chars().all(|c| c.is_ascii_hexdigit() || c == '-'))
        .map(str::to_owned)
        .ok_or_else(|| Fault::Unexpected(format!("`btrfs filesystem show {place}` named no UUID")))
}

/// What all devices' lines say together.
#[derive(Debug, PartialEq, Eq)]
struct Record {
    start: u64,
    end: Option<u64>,
    healed: u64,
    uncorrectable: u64,
}

impl Record {
    /// `UUID:DEVICE|key:value|…` for each device, below the version of the format.
    fn parse(text: &str) -> Option<Self> {
        let lines = text.strip_prefix("scrub status:1\n")?.lines();
        let devices = lines.map(Self::device).collect::<Option<Vec<_>>>()?;
        devices.into_iter().reduce(|a, b| Self {
            start: a.start.min(b.start),
            // One that did not end leaves the whole without an end.
            end: a.end.zip(b.end).map(|(a, b)| a.max(b)),
            healed: a.healed.saturating_add(b.healed),
            uncorrectable: a.uncorrectable.saturating_add(b.uncorrectable),
        })
    }

    fn device(line: &str) -> Option<Self> {
        let value = |key: &str| -> Option<u64> {
            let mut fields = line.split('|').filter_map(|field| field.split_once(':'));
            fields.find(|(name, _)| *name == key)?.1.parse().ok()
        };
        let start = value("t_start")?;
        let began = start.max(value("t_resumed")?);
        let is_whole = value("finished")? == 1 && value("canceled")? == 0;
        Some(Self {
            start,
            end: is_whole.then_some(began.checked_add(value("duration")?)?),
            healed: value("corrected_errors")?,
            uncorrectable: value("uncorrectable_errors")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::damage;

    const LINE: &str = "93f6f562-bdce-45a5-9c59-22ac5b144580:1|data_extents_scrubbed:0|csum_errors:3|\
        uncorrectable_errors:1|corrected_errors:2|last_physical:92667904|t_start:1795454788|t_resumed:0|duration:10|\
        canceled:0|finished:1\n";

    #[test]
    fn the_last_device_ends_a_scrub() {
        let text = format!("scrub status:1\n{LINE}{}", LINE.replace(":10|", ":25|"));
        let wanted = Record {
            start: 1_795_454_788,
            end: Some(1_795_454_813),
            healed: 4,
            uncorrectable: 2,
        };
        assert_eq!(Record::parse(&text), Some(wanted));
    }

    #[test]
    fn one_that_was_stopped_on_a_device_has_no_end() {
        for stopped in ["canceled:1|finished:1", "canceled:0|finished:0"] {
            let other = LINE.replace("canceled:0|finished:1", stopped);
            let record = Record::parse(&format!("scrub status:1\n{LINE}{other}")).unwrap();
            assert_eq!(record.end, None, "{stopped}");
        }
    }

    #[test]
    fn another_version_is_unknown() {
        for text in ["", "scrub status:1\n", &format!("scrub status:2\n{LINE}")] {
            assert_eq!(Record::parse(text), None);
        }
        let text = format!("scrub status:1\n{}", LINE.replace("t_start", "began"));
        assert_eq!(Record::parse(&text), None);
    }

    #[test]
    fn the_interval_is_the_longest() {
        let days = |text| interval(text).map(|seconds| seconds / 86_400);
        assert_eq!(days("Sun *-*-01..07 04:07:00"), Some(35));
        assert_eq!(days("Sun *-01,04,07,10-01..07 04:07:00"), Some(98));
        assert_eq!(days("Sun *-*-* 04:07:00"), Some(7));
        assert_eq!(days("whenever"), None);
    }

    #[test]
    fn records_of_any_kind() {
        let sample = format!("scrub status:1\n{LINE}{LINE}");
        damage::each(&[&sample], |text| {
            let _ = Record::parse(text);
        });
        let calendars = [
            "Sun *-*-01..07 04:07:00",
            "Sun *-01,04,07,10-01..07 04:07:00",
        ];
        damage::each(&calendars, |text| {
            let _ = interval(text);
        });
    }
}
