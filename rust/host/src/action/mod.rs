//! Actions: single steps on a filesystem. Each looks first, says what it would do, does it, and looks
//! again; taken twice, it does nothing the second time. None of them touches what holds data.

mod create_directory;
mod create_subvolume;
mod enable_simple_quota;
mod set_compression;
mod set_copy_on_write;
mod set_limit;

pub use create_directory::CreateDirectory;
pub use create_subvolume::CreateSubvolume;
pub use enable_simple_quota::EnableSimpleQuota;
pub use set_compression::SetCompression;
pub use set_copy_on_write::SetCopyOnWrite;
pub use set_limit::SetLimit;

use crate::receipt::State;
use crate::system::{Fault, Node, System};

/// One step on a filesystem.
pub trait Action {
    /// What it is to achieve, in words that follow "to".
    fn describe(&self) -> String;
    /// Looks whether it is so already.
    fn look(&self, system: &dyn System) -> Result<Look, Fault>;
    /// Makes it so; only called after [`Look::Missing`].
    fn execute(&self, system: &dyn System) -> Result<(), Fault>;
}

/// What an action saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// It is so.
    AsWanted,
    /// It is not, and can be made so without touching data.
    Missing,
    /// It is not, and cannot be made so safely, because …
    Refused(String),
}

/// Takes an action: looks, acts where that is safe and wanted, and looks again.
pub fn take(action: &dyn Action, system: &dyn System, dry_run: bool) -> State {
    let result = match action.look(system) {
        Ok(Look::AsWanted) => return State::Already,
        Ok(Look::Refused(because)) => return State::Refused(because),
        Ok(Look::Missing) if dry_run => return State::Wanted,
        Ok(Look::Missing) => action.execute(system).and_then(|()| action.look(system)),
        Err(fault) => Err(fault),
    };
    match result {
        Ok(Look::AsWanted) => State::Done,
        Ok(Look::Missing) => {
            State::Failed("it was done, and the kernel shows no trace of it".into())
        }
        Ok(Look::Refused(because)) => State::Failed(because),
        Err(fault) => State::Failed(fault.to_string()),
    }
}

/// Who owns a new directory or subvolume, and who may do what with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Permission bits.
    pub mode: u32,
    /// The owner's account; absent: root.
    pub owner: Option<String>,
}

impl Access {
    /// User and group of the owner.
    fn ids(&self, system: &dyn System) -> Result<(u32, u32), Fault> {
        let Some(owner) = &self.owner else {
            return Ok((0, 0));
        };
        system.account(owner)?.ok_or_else(|| {
            Fault::Unexpected(format!(
                "there is no account `{owner}`, who owns this; make it first"
            ))
        })
    }

    /// Sets it.
    fn set(&self, system: &dyn System, path: &std::path::Path) -> Result<(), Fault> {
        let (uid, gid) = self.ids(system)?;
        system.set_access(path, self.mode, uid, gid)
    }

    /// Whether what is there needs it set. What is in use is its user's: containers change owners.
    fn is_due(&self, system: &dyn System, node: &Node) -> Result<bool, Fault> {
        let (uid, gid) = self.ids(system)?;
        Ok(node.is_empty && (node.mode, node.uid, node.gid) != (self.mode, uid, gid))
    }
}
