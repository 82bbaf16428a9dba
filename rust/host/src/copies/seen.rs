//! When each target was last seen: what can be told of one that is away.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::system::{Fault, System, create_directories};

/// The version of the file's form.
const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Seen {
    version: u32,
    /// Seconds since 1970, by target.
    targets: BTreeMap<String, u64>,
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
        self.targets.get(target).copied()
    }

    pub(super) fn note(&mut self, target: &str, now: u64) {
        self.targets.insert(target.to_owned(), now);
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
