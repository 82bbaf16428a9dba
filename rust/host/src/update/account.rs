//! What an update does, told before it is done.

use serde::Serialize;

use super::journal::Change;
use super::stages::Updater;
use super::{Copy, short};
use crate::system::Fault;
use crate::units::Unit;

/// What an update does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The copies that it is about.
    pub copies: Vec<String>,
    /// What becomes another image.
    pub changes: Vec<Replaced>,
    /// The running units that are stopped and started again.
    pub units: Vec<String>,
    /// Volumes that are in no snapshot, and do not go back.
    pub outside: Vec<String>,
    /// For how many seconds it is watched what the new image does.
    pub window_seconds: u64,
}

/// What becomes another image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replaced {
    /// By what its containers are made.
    pub reference: String,
    /// Where the new image is taken from.
    pub from: String,
    /// The containers.
    pub containers: Vec<String>,
    /// The identity of the image that they run.
    pub old: String,
    /// That of the new one; absent where it has to be pulled to know it.
    pub new: Option<String>,
}

impl Account {
    /// In lines.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut lines = vec![format!("update {}", self.copies.join(", "))];
        for change in &self.changes {
            let becomes = match &change.new {
                Some(new) if change.from == change.reference => short(new).to_owned(),
                Some(new) => format!("{}, of {}", short(new), change.from),
                None => format!(
                    "what {} means at its registry, where that is another one",
                    change.from
                ),
            };
            lines.push(format!(
                "  {}: {} is the image {}, and becomes {becomes}",
                change.containers.join(", "),
                change.reference,
                short(&change.old),
            ));
        }
        lines.push(match self.units.as_slice() {
            [] => "  no unit is running that would be stopped".to_owned(),
            units => format!("  stopped and started again: {}", units.join(", ")),
        });
        lines.push(format!(
            "  while all is stopped a snapshot is taken; what does not come up on the new image, or not stay up for {} s, goes back to \
             the old image and to that snapshot, together",
            self.window_seconds
        ));
        if !self.outside.is_empty() {
            lines.push(format!(
                "  in no snapshot, and not taken back: {}",
                self.outside.join(", ")
            ));
        }
        lines.join("\n")
    }
}

impl Updater<'_> {
    pub(super) fn account(
        &self,
        changes: &[Change],
        copies: &[Copy<'_>],
    ) -> Result<Account, Fault> {
        let outside = copies.iter().flat_map(|copy| {
            let all = copy.instance.volumes.iter();
            let outside = all.filter(|(_, volume)| !volume.snapshot);
            outside.map(|(name, _)| format!("{}/{name}", copy.instance.name))
        });
        let running = self.running_units(copies)?;
        Ok(Account {
            copies: copies
                .iter()
                .map(|copy| copy.instance.name.clone())
                .collect(),
            changes: changes.iter().map(replaced).collect(),
            units: running.iter().map(Unit::shown).collect(),
            outside: outside.collect(),
            window_seconds: self.request.window_seconds,
        })
    }
}

fn replaced(change: &Change) -> Replaced {
    let is_known =
        change.new.is_some() && (!change.pull || change.new.as_ref() != Some(&change.old));
    Replaced {
        reference: change.reference.to_string(),
        from: change.from().to_string(),
        containers: change.containers.iter().map(ToString::to_string).collect(),
        old: change.old.clone(),
        new: change.new.clone().filter(|_| is_known),
    }
}
