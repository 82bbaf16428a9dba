//! Why something was not done that moves or exchanges data.

use crate::system::Fault;

/// Why it was not done.
#[derive(Debug)]
pub enum Stop {
    /// Something has to be seen to first; nothing was changed, or all is as it was.
    Refused(String),
    /// The machine failed.
    Fault(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Stop {
    /// The same with something more to say.
    pub(crate) fn and(self, more: &str) -> Self {
        match self {
            Self::Refused(because) => Self::Refused(format!("{because}; {more}")),
            Self::Fault(fault) => Self::Fault(Fault::Unexpected(format!("{fault}; {more}"))),
        }
    }
}
