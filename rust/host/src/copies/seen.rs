//! When each target was last seen, and which snapshot both sides had then: what can be told of a target that is away.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::SeriesReport;
use crate::system::{Fault, System, create_directories};

/// The version of the file's form.
const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Seen {
    version: u32,
    targets: BTreeMap<String, Last>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Last {
    seen: u64,
    /// Names of the newest snapshots that both sides had, by series.
    parents: BTreeMap<String, String>,
}

impl Seen {
    pub(super) fn read(system: &dyn System, path: &Path) -> Result<Self, Fault> {
        let Some(text) = system.read(path)? else {
            return Ok(Self {
                version: VERSION,
                targets: BTreeMap::new(),
            });
        };
        let parsed: Result<Self, _> = serde_json::from_str(&text);
        parsed
            .ok()
            .filter(|seen| seen.version == VERSION)
            .ok_or_else(|| {
                Fault::Unexpected(format!(
                    "{} is not understood by this version; it only tells when targets were last seen, and may be removed",
                    path.display()
                ))
            })
    }

    pub(super) fn last(&self, target: &str) -> Option<u64> {
        self.targets.get(target).map(|last| last.seen)
    }

    pub(super) fn parent(&self, target: &str, series: &str) -> Option<&str> {
        let last = self.targets.get(target)?;
        last.parents.get(series).map(String::as_str)
    }

    pub(super) fn note(&mut self, target: &str, now: u64, all: &[SeriesReport]) {
        let parents = all.iter().filter_map(|one| {
            let parent = one.parent.clone()?;
            Some((one.series.clone(), parent))
        });
        let last = Last {
            seen: now,
            parents: parents.collect(),
        };
        self.targets.insert(target.to_owned(), last);
    }

    pub(super) fn write(&self, system: &dyn System, path: &Path) -> Result<(), Fault> {
        if let Some(above) = path.parent() {
            create_directories(system, above)?;
        }
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Fault::Unexpected(format!("no JSON is made of it: {error}")))?;
        system.write(path, &(text + "\n"))
    }
}
