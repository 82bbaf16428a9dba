//! What a drill finds.

use serde::{Deserialize, Serialize};

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Finding {
    /// Of which kind.
    pub kind: Kind,
    /// The volume, where it is about one.
    pub volume: Option<String>,
    /// What is so, in words.
    pub message: String,
}

/// The kinds of what can be wrong: what an alert tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The target is not to be reached.
    Absent,
    /// What lies on the host or at the target cannot be looked at.
    Unreadable,
    /// There is no point at all.
    NoCopy,
    /// The newest point does not hold all of it.
    Incomplete,
    /// The snapshot that the next copy would be a difference to is gone, here or at the target.
    ChainBroken,
    /// The newest point is older than twice what the policy plans.
    TooOld,
    /// A copy could not be received.
    NotReceived,
    /// A file cannot be read: its checksum does not fit, or the device fails.
    Damaged,
    /// What came from the target is not what the same snapshot here is.
    Different,
    /// Nothing is in it, and something is in the volume that is in use.
    Empty,
    /// The engine does not come up on it, or finds something wrong.
    Engine,
    /// An engine's data was read, but the engine could not be asked.
    NotChecked,
    /// There is no room for what would be received.
    NoRoom,
    /// The drill itself could not be done.
    NotDone,
}

impl Kind {
    /// Every kind, in order.
    pub const ALL: [Self; 14] = [
        Self::Absent,
        Self::Unreadable,
        Self::NoCopy,
        Self::Incomplete,
        Self::ChainBroken,
        Self::TooOld,
        Self::NotReceived,
        Self::Damaged,
        Self::Different,
        Self::Empty,
        Self::Engine,
        Self::NotChecked,
        Self::NoRoom,
        Self::NotDone,
    ];

    /// Its name, as in JSON and in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Unreadable => "unreadable",
            Self::NoCopy => "no-copy",
            Self::Incomplete => "incomplete",
            Self::ChainBroken => "chain-broken",
            Self::TooOld => "too-old",
            Self::NotReceived => "not-received",
            Self::Damaged => "damaged",
            Self::Different => "different",
            Self::Empty => "empty",
            Self::Engine => "engine",
            Self::NotChecked => "not-checked",
            Self::NoRoom => "no-room",
            Self::NotDone => "not-done",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_one_name_everywhere() {
        for kind in Kind::ALL {
            let written = serde_json::to_string(&kind).unwrap();
            assert_eq!(written, format!("\"{}\"", kind.name()));
        }
    }
}
