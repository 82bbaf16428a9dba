//! The record of a run while it goes on, so that one that was killed has a receipt too.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Receipt, State, Step};
use crate::apply::Told;
use crate::system::{Fault, System, create_directories};

/// The file beside the receipts; there is one run at a time.
const FILE: &str = "running.jsonl";

/// The record of a run that goes on: a line for its beginning, one for each change that begins, one for each step that ended
/// otherwise than with nothing to do.
#[derive(Debug)]
pub struct Running {
    path: PathBuf,
}

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Line {
    Started(u64),
    Begins(Step),
    Ended(Step),
}

impl Running {
    /// Begins a record. What a run left that was ended by something else becomes that run's receipt, and is returned.
    ///
    /// # Errors
    /// When the directory cannot be made or written to.
    pub fn begin(
        system: &dyn System,
        directory: &Path,
        started: u64,
    ) -> Result<(Self, Option<PathBuf>), Fault> {
        create_directories(system, directory)?;
        let path = directory.join(FILE);
        let interrupted = match system.read(&path)? {
            Some(text) => Some(recovered(&text).keep(system, directory)?),
            None => None,
        };
        system.remove_file(&path)?;
        let running = Self { path };
        running.line(system, &Line::Started(started))?;
        Ok((running, interrupted))
    }

    /// Takes note of something.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note(&self, system: &dyn System, told: &Told) -> Result<(), Fault> {
        match told {
            Told::Begins(filesystem, action) => {
                let because = "the run was ended while it did this; apply again, which looks first";
                let step = Step {
                    filesystem: (*filesystem).clone(),
                    action: (*action).to_owned(),
                    state: State::Failed(because.into()),
                };
                self.line(system, &Line::Begins(step))
            }
            Told::Ended(step) if step.state == State::Already => Ok(()),
            Told::Ended(step) => self.line(system, &Line::Ended((*step).clone())),
        }
    }

    fn line(&self, system: &dyn System, line: &Line) -> Result<(), Fault> {
        let text = serde_json::to_string(line)
            .map_err(|error| Fault::Unexpected(format!("a step has no JSON form: {error}")))?;
        system.append(&self.path, &text)
    }

    /// Ends it: the whole receipt takes its place.
    ///
    /// # Errors
    /// When the receipt cannot be written; then this record stays.
    pub fn end(self, system: &dyn System, receipt: &Receipt) -> Result<PathBuf, Fault> {
        let directory = self.path.parent().unwrap_or(Path::new("."));
        let kept = receipt.keep(system, directory)?;
        system.remove_file(&self.path)?;
        Ok(kept)
    }
}

/// The receipt of a run that did not come to its end. A line that is not whole is the last, which was being written.
fn recovered(text: &str) -> Receipt {
    let mut receipt = Receipt {
        receipt_version: super::RECEIPT_VERSION,
        started: 0,
        finished: None,
        dry_run: false,
        steps: Vec::new(),
    };
    let mut under_way = None;
    for line in text
        .lines()
        .map_while(|line| serde_json::from_str(line).ok())
    {
        match line {
            Line::Started(when) => receipt.started = when,
            Line::Begins(step) => under_way = Some(step),
            Line::Ended(step) => {
                under_way = None;
                receipt.steps.push(step);
            }
        }
    }
    receipt.steps.extend(under_way);
    receipt
}

#[cfg(test)]
mod tests {
    use podman_btrfs_core::units::{FilesystemName, Text as _};

    use super::*;
    use crate::system::fake::FakeSystem;

    #[test]
    fn a_run_that_was_killed_has_a_receipt_with_what_was_under_way() {
        let system = FakeSystem::with_directories(&["/", "/r"]);
        let directory = Path::new("/r");
        let (running, none) = Running::begin(&system, directory, 7).unwrap();
        assert_eq!(none, None);
        let tank = FilesystemName::parse("tank").unwrap();
        let step = |action: &str, state| Step {
            filesystem: tank.clone(),
            action: action.into(),
            state,
        };
        let done = step("a", State::Done);
        for told in [
            Told::Begins(&tank, "a"),
            Told::Ended(&done),
            Told::Ended(&step("b", State::Already)),
            Told::Begins(&tank, "c"),
        ] {
            running.note(&system, &told).unwrap();
        }
        let path = directory.join(FILE);
        let whole = system.read(&path).unwrap().unwrap();
        system
            .write(&path, &format!("{whole}{{\"ended\": {{\"fil"))
            .unwrap();
        let (_, kept) = Running::begin(&system, directory, 8).unwrap();
        let text = system.read(&kept.unwrap()).unwrap().unwrap();
        let receipt = Receipt::parse(&text).unwrap();
        assert_eq!((receipt.started, receipt.finished), (7, None));
        assert_eq!(receipt.steps[0], done);
        assert_eq!(receipt.steps[1].action, "c");
        assert!(matches!(receipt.steps[1].state, State::Failed(_)));
        assert_eq!(receipt.steps.len(), 2);
    }
}
