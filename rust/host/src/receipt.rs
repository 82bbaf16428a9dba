//! What was done, step by step: kept also when a step failed, because then it matters most.

mod running;

use std::path::{Path, PathBuf};

use podman_btrfs_core::units::FilesystemName;
use serde::{Deserialize, Serialize};

pub use running::Running;

use crate::system::{Fault, System, create_directories};

/// The version of the receipt's format. The first had no end in it.
pub const RECEIPT_VERSION: u32 = 2;

/// What one run of `apply` did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Receipt {
    /// Version of this format.
    pub receipt_version: u32,
    /// When it began, in seconds since 1970.
    pub started: u64,
    /// When it ended; absent where it was ended by something else, and in receipts of the first version.
    #[serde(default)]
    pub finished: Option<u64>,
    /// True when it only looked.
    pub dry_run: bool,
    /// The steps, in the order they were taken.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// The filesystem that it is about.
    pub filesystem: FilesystemName,
    /// What it is to achieve, in words: `make the subvolume @volumes/shop`.
    pub action: String,
    /// How it ended.
    #[serde(flatten)]
    pub state: State,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "state", content = "because")]
pub enum State {
    /// It was so already.
    Already,
    /// It was not so; only looking, nothing was done.
    Wanted,
    /// It was done, and looked at again.
    Done,
    /// It is not so, and to make it so is not safe: a person decides. Nothing was done.
    Refused(String),
    /// It was tried and failed; what came before it stands.
    Failed(String),
}

impl Receipt {
    /// An empty one.
    #[must_use]
    pub fn begun(system: &dyn System, dry_run: bool) -> Self {
        Self {
            receipt_version: RECEIPT_VERSION,
            started: system.now(),
            finished: None,
            dry_run,
            steps: Vec::new(),
        }
    }

    /// How many steps ended like this.
    #[must_use]
    pub fn count(&self, of: fn(&State) -> bool) -> usize {
        self.steps.iter().filter(|step| of(&step.state)).count()
    }

    /// True when everything is as planned now.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.steps
            .iter()
            .all(|step| matches!(step.state, State::Already | State::Done))
    }

    /// Reads one of any version so far.
    ///
    /// # Errors
    /// Why it is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let receipt: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match receipt.receipt_version {
            1..=RECEIPT_VERSION => Ok(receipt),
            other => Err(format!(
                "it is of format {other}, and this is {RECEIPT_VERSION}"
            )),
        }
    }

    /// Writes it into a directory, under the time it began, and returns its path. It replaces none.
    ///
    /// # Errors
    /// When the directory cannot be made or written to.
    pub fn keep(&self, system: &dyn System, directory: &Path) -> Result<PathBuf, Fault> {
        create_directories(system, directory)?;
        let path = self.free_path(system, directory)?;
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Fault::Unexpected(format!("the receipt has no JSON form: {error}")))?;
        system.write(&path, &(text + "\n"))?;
        Ok(path)
    }

    fn free_path(&self, system: &dyn System, directory: &Path) -> Result<PathBuf, Fault> {
        let mut path = directory.join(format!("{}.json", self.started));
        let mut count = 1;
        while system.look(&path)?.is_some() {
            count += 1;
            path = directory.join(format!("{}-{count}.json", self.started));
        }
        Ok(path)
    }
}
