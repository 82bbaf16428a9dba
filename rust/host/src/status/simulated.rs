//! What the simulation of the plan says, which `plan --out` writes beside it where sizes are declared.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Simulated;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    begin: String,
    days: u32,
    filesystems: BTreeMap<String, Filesystem>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filesystem {
    full_on_day: Option<u32>,
    not_said: Vec<String>,
}

/// Reads `simulation.json`: what it says of each filesystem.
///
/// # Errors
/// Why it is not understood.
pub fn simulated(text: &str) -> Result<BTreeMap<String, Simulated>, String> {
    let document: Document = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let filesystems = document.filesystems.into_iter().map(|(name, of)| {
        let simulated = Simulated {
            begin: document.begin.clone(),
            days: document.days,
            full_on_day: of.full_on_day,
            not_said: of.not_said.len(),
        };
        (name, simulated)
    });
    Ok(filesystems.collect())
}
