//! How much there was on which day: a line of JSON for each time that it was recorded, oldest first.
//!
//! The file is always written whole and takes the place of the former one, so no line is ever half of one; a line that is not
//! understood all the same is passed over and told. Older lines are thinned, so that it stays small.

use std::collections::BTreeMap;
use std::path::Path;

use podman_btrfs_core::space::{Growth, Point, growth};
use serde::{Deserialize, Serialize};

use super::Status;
use crate::system::{Fault, System, create_directories};

/// Its name, beside the receipts.
pub const FILE: &str = "space.jsonl";

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;
/// Of the last days a line for each hour is kept, of the last months one for each day, and then one for each week, for two years.
const AGES: [(u64, u64); 3] = [(2 * DAY, HOUR), (62 * DAY, DAY), (730 * DAY, 7 * DAY)];

/// What was found at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When, in seconds since 1970.
    pub at: u64,
    /// Filesystems by name.
    pub filesystems: BTreeMap<String, FilesystemRecord>,
    /// Bytes that each volume refers to, by its name: `shop/pgdata`.
    pub volumes: BTreeMap<String, u64>,
}

/// What was found of a filesystem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilesystemRecord {
    /// Which one it was.
    pub uuid: String,
    /// Bytes of data.
    pub data: u64,
}

/// All that is recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    records: Vec<Record>,
    /// How many lines were not understood.
    pub strange: usize,
}

impl History {
    /// Reads the file; none yet means that nothing was recorded yet.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(system: &dyn System, file: &Path) -> Result<Self, Fault> {
        let text = system.read(file)?;
        Ok(text.as_deref().map_or_else(Self::default, Self::parse))
    }

    /// Reads its text.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut history = Self::default();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match serde_json::from_str(line) {
                Ok(record) => history.records.push(record),
                Err(_) => history.strange += 1,
            }
        }
        history.records.sort_by_key(|record| record.at);
        history
    }

    /// How a filesystem grew.
    #[must_use]
    pub fn of_filesystem(&self, name: &str, uuid: &str) -> Option<Growth> {
        let of_it = self.of(name, uuid).map(|(record, of)| Point {
            at: record.at,
            bytes: of.data,
        });
        growth(&of_it.collect::<Vec<_>>())
    }

    /// How a volume on a filesystem grew.
    #[must_use]
    pub fn of_volume(&self, filesystem: &str, uuid: &str, volume: &str) -> Option<Growth> {
        let of_it = self.of(filesystem, uuid).filter_map(|(record, _)| {
            let bytes = *record.volumes.get(volume)?;
            let at = record.at;
            Some(Point { at, bytes })
        });
        growth(&of_it.collect::<Vec<_>>())
    }

    fn of<'h>(
        &'h self,
        name: &'h str,
        uuid: &'h str,
    ) -> impl Iterator<Item = (&'h Record, &'h FilesystemRecord)> {
        let known = self.records.iter().filter_map(move |record| {
            let of = record.filesystems.get(name)?;
            Some((record, of))
        });
        // One that was replaced by another did not shrink.
        known.filter(move |(_, of)| of.uuid == uuid)
    }

    /// Adds what was found, thins what is old, and writes the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record(
        &mut self,
        record: Record,
        system: &dyn System,
        file: &Path,
    ) -> Result<(), Fault> {
        self.add(record);
        if let Some(above) = file.parent() {
            create_directories(system, above)?;
        }
        let mut text = String::new();
        for record in &self.records {
            let line = serde_json::to_string(record);
            let line =
                line.map_err(|why| Fault::Unexpected(format!("a record has no JSON form: {why}")))?;
            text = text + &line + "\n";
        }
        system.write(file, &text)
    }

    fn add(&mut self, record: Record) {
        let now = record.at;
        // What is said to be of later was written while the clock was wrong.
        self.records.retain(|of| of.at < now);
        self.records.push(record);
        let mut kept: Option<(u64, u64)> = None;
        self.records.retain(|record| {
            let age = now - record.at;
            let Some((_, step)) = AGES.into_iter().find(|(until, _)| age <= *until) else {
                return false;
            };
            let slot = (step, record.at / step);
            // The first of each hour, day or week; the newest always.
            let is_first = kept.replace(slot) != Some(slot);
            is_first || age == 0
        });
    }
}

impl Record {
    /// What a status says of sizes; `None` where nothing of it is known.
    #[must_use]
    pub fn of(status: &Status) -> Option<Self> {
        let filesystems = status.filesystems.iter().filter_map(|(name, of)| {
            let uuid = of.uuid.clone()?;
            let data = of.space.get()?.data_bytes;
            Some((name.to_string(), FilesystemRecord { uuid, data }))
        });
        let volumes = status.workloads.values().flat_map(|of| of.volumes.iter());
        let volumes = volumes.filter_map(|(name, of)| {
            let sizes = of.sizes.get()?.as_ref()?;
            Some((name.clone(), sizes.referenced_bytes))
        });
        let record = Self {
            at: status.at,
            filesystems: filesystems.collect(),
            volumes: volumes.collect(),
        };
        (!record.filesystems.is_empty()).then_some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::fake::FakeSystem;

    const BEGIN: u64 = 1_790_000_000 / (7 * DAY) * 7 * DAY;

    fn record(at: u64, data: u64) -> Record {
        let of = FilesystemRecord {
            uuid: "u".into(),
            data,
        };
        Record {
            at,
            filesystems: BTreeMap::from([("tank".into(), of)]),
            volumes: BTreeMap::from([("shop/pgdata".into(), data / 2)]),
        }
    }

    #[test]
    fn what_is_recorded_each_day_gives_the_growth() {
        let system = FakeSystem::with_directories(&["/var"]);
        let file = Path::new("/var/receipts").join(FILE);
        for day in 0..10 {
            let mut history = History::read(&system, &file).unwrap();
            let record = record(BEGIN + day * DAY, 1000 + day * 10);
            history.record(record, &system, &file).unwrap();
        }
        let history = History::read(&system, &file).unwrap();
        assert_eq!(history.records.len(), 10);
        let grown = history.of_filesystem("tank", "u").unwrap();
        assert_eq!((grown.bytes_per_day, grown.points), (10, 10));
        let grown = history.of_volume("tank", "u", "shop/pgdata").unwrap();
        assert_eq!(grown.bytes_per_day, 5);
        assert_eq!(history.of_filesystem("tank", "another"), None);
        assert_eq!(history.of_volume("tank", "u", "shop/uploads"), None);
    }

    #[test]
    fn half_of_a_line_hides_none_of_the_others() {
        let whole: Vec<String> = (0..3)
            .map(|day| serde_json::to_string(&record(BEGIN + day * DAY, day)).unwrap())
            .collect();
        let text = whole.join("\n");
        let two = whole[0].len() + whole[1].len() + 2;
        for length in 0..text.len() {
            let found = History::parse(&text[..length]);
            assert!(found.strange <= 1, "{length}");
            assert!(length < two || found.records.len() == 2, "{length}");
        }
        let found = History::parse(&text.replacen("{\"at\"", "{\"at", 1));
        assert_eq!((found.records.len(), found.strange), (2, 1));
    }

    #[test]
    fn years_of_it_stay_small_and_the_newest_is_always_there() {
        let mut history = History::default();
        let end = BEGIN + 900 * DAY;
        for hour in 0..900 * 24 * 4 {
            history.add(record(BEGIN + hour * (HOUR / 4), hour));
        }
        let newest = history.records.last().unwrap();
        assert_eq!(newest.at, end - HOUR / 4);
        let count = history.records.len();
        assert!((48 + 60 + 90..48 + 64 + 98).contains(&count), "{count}");
        let oldest = history.records.first().unwrap();
        assert!(end - oldest.at <= 731 * DAY);
        let rising = history.records.is_sorted_by_key(|record| record.at);
        assert!(rising);
    }

    #[test]
    fn what_a_wrong_clock_wrote_goes_when_it_is_right_again() {
        let mut history = History::default();
        history.add(record(BEGIN, 1));
        history.add(record(BEGIN + 9000 * DAY, 2));
        history.add(record(BEGIN + DAY, 3));
        let times: Vec<u64> = history.records.iter().map(|record| record.at).collect();
        assert_eq!(times, [BEGIN + DAY], "the first was as old as it seemed");
    }
}
