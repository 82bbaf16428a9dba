//! What a group snapshot says of itself: an extended attribute on the root of each of its members.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::system::{Fault, System};

/// The attribute's name.
const NAME: &str = "trusted.podman-btrfs.snapshot";
/// The version of its form.
const VERSION: u32 = 1;

/// What is read of it here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// One for the whole group snapshot.
    pub id: String,
    /// The copy of a workload.
    pub copy: String,
    /// When, in seconds since 1970.
    pub taken: u64,
    /// The series of all members.
    pub members: Vec<String>,
    /// The consistency that was reached.
    pub reached: String,
    /// Why it was taken.
    #[serde(default)]
    pub reason: Option<String>,
    /// The images that the containers ran then, by container.
    #[serde(default)]
    pub images: BTreeMap<String, String>,
}

/// Reads the record of a snapshot; `None` where it has none.
///
/// # Errors
/// When it cannot be read or understood.
pub fn of(path: &Path, system: &dyn System) -> Result<Option<Record>, Fault> {
    let Some(text) = system.attribute(path, NAME)? else {
        return Ok(None);
    };
    parse(&text).map(Some).map_err(|why| {
        Fault::Unexpected(format!(
            "the record of the snapshot {} is not understood: {why}",
            path.display()
        ))
    })
}

/// Reads its text.
///
/// # Errors
/// Why it is not understood.
pub fn parse(text: &str) -> Result<Record, String> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    let Version { version } = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if version != VERSION {
        return Err(format!("it is of format {version}, and this is {VERSION}"));
    }
    serde_json::from_str(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"version":1,"id":"00112233445566778899aabbccddeeff","workload":"shop","copy":"shop@2","taken":1795763584,
        "members":["shop","shop+cache"],"wanted":"application","reached":"crash","frozenMilliseconds":123,"reason":"schedule",
        "hooks":[{"container":"shop-db","engine":"postgresql","outcome":"held","position":"0/3000028"}],"images":{"shop-db":"sha256:abc"}}"#;

    #[test]
    fn a_record_is_read_and_half_of_it_or_another_version_is_not() {
        let record = parse(TEXT).unwrap();
        assert_eq!((&*record.copy, &*record.reached), ("shop@2", "crash"));
        assert_eq!(record.images["shop-db"], "sha256:abc");
        for length in 0..TEXT.len() {
            assert!(parse(&TEXT[..length]).is_err(), "{length}");
        }
        assert!(parse(&TEXT.replace("\"version\":1", "\"version\":2")).is_err());
    }
}
