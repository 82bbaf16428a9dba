//! Journals: JSON files that say their format's version, read strictly and replaced whole.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::system::{Fault, System, create_directories};

/// Reads a text whose `journalVersion` has to be this.
pub(crate) fn parse<T: DeserializeOwned>(text: &str, version: u32) -> Result<T, String> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Version {
        journal_version: u32,
    }
    let Version { journal_version } =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    if journal_version != version {
        return Err(format!(
            "it is of format {journal_version}, and this is {version}"
        ));
    }
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Writes it: at every moment either the old text is there or the new one.
pub(crate) fn keep<T: Serialize>(
    journal: &T,
    system: &dyn System,
    file: &Path,
) -> Result<(), Fault> {
    if let Some(above) = file.parent() {
        create_directories(system, above)?;
    }
    let text = serde_json::to_string_pretty(journal)
        .map_err(|error| Fault::Unexpected(format!("the journal has no JSON form: {error}")))?;
    system.write(file, &(text + "\n"))
}
