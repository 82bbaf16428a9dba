//! Journals: JSON files that say their format's version, read strictly and replaced whole.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::marker;
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

/// All journals of a directory that are called by their identity.
///
/// # Errors
/// When one cannot be read or understood.
pub(crate) fn all<T>(
    system: &dyn System,
    directory: &Path,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, Fault> {
    let names = system.list(directory)?.unwrap_or_default();
    let is_journal = |name: &&String| name.strip_suffix(".json").is_some_and(marker::is_id);
    let mut found = Vec::new();
    for name in names.iter().filter(is_journal) {
        let file = directory.join(name);
        let Some(text) = system.read(&file)? else {
            continue;
        };
        found.push(parse(&text).map_err(|why| {
            Fault::Unexpected(format!(
                "the journal {} is not understood ({why}); nothing is changed until it is: restore it from a backup, use the \
                 version of podman-btrfs that wrote it, or look what it speaks of and move it away",
                file.display()
            ))
        })?);
    }
    Ok(found)
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
