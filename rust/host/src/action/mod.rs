//! Actions: single steps on a filesystem. Each looks first, says what it would do, does it, and looks
//! again; taken twice, it does nothing the second time. None of them touches what holds data.

mod create_directory;
mod create_subvolume;
mod enable_simple_quota;
mod rename_snapshots;
mod rename_subvolume;
mod set_compression;
mod set_copy_on_write;
mod set_limit;
mod set_marker;
mod take_snapshot;

pub use create_directory::CreateDirectory;
pub use create_subvolume::CreateSubvolume;
pub use enable_simple_quota::EnableSimpleQuota;
pub use rename_snapshots::RenameSnapshots;
pub use rename_subvolume::RenameSubvolume;
pub use set_compression::SetCompression;
pub use set_copy_on_write::SetCopyOnWrite;
pub use set_limit::SetLimit;
pub use set_marker::SetMarker;
pub use take_snapshot::TakeSnapshot;

use std::path::Path;

use crate::receipt::State;
use crate::system::{Fault, Node, System};

/// One step on a filesystem.
pub trait Action {
    /// What it is to achieve, in words that follow "to".
    fn describe(&self) -> String;
    /// What it is about, through a mount of the top level.
    fn path(&self) -> &Path;
    /// Whether it makes what later steps lie in.
    fn makes(&self) -> bool {
        false
    }
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

/// Takes an action: looks, acts where that is safe and wanted, and looks again. `begins` is called before it acts.
pub fn take(
    action: &dyn Action,
    system: &dyn System,
    dry_run: bool,
    begins: &mut dyn FnMut(),
) -> State {
    let result = match action.look(system) {
        Ok(Look::AsWanted) => return State::Already,
        Ok(Look::Refused(because)) => return State::Refused(because),
        Ok(Look::Missing) if dry_run => return State::Wanted,
        Ok(Look::Missing) => {
            begins();
            action.execute(system).and_then(|()| action.look(system))
        }
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
    fn set(&self, system: &dyn System, path: &Path) -> Result<(), Fault> {
        let (uid, gid) = self.ids(system)?;
        system.set_access(path, self.mode, uid, gid)
    }

    /// Whether what is there is as a run left it that stopped before the owner was set, which comes
    /// last. Anything else somebody chose: administrators and containers change owners, also of what
    /// is empty.
    fn is_due(&self, system: &dyn System, node: &Node) -> Result<bool, Fault> {
        /// A new directory or subvolume, by our own mode and by the usual umask.
        const NEW: [u32; 2] = [0o700, 0o755];
        let (uid, gid) = self.ids(system)?;
        let is_new = NEW.contains(&node.mode) || node.mode == self.mode;
        let is_as_wanted = (node.mode, node.uid, node.gid) == (self.mode, uid, gid);
        Ok(node.is_empty && is_new && (node.uid, node.gid) == (0, 0) && !is_as_wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::NodeKind;
    use crate::system::fake::FakeSystem;

    /// The account's ids in the machine in memory.
    const ALICE: (u32, u32) = (1000, 100);

    fn is_due(is_empty: bool, mode: u32, (uid, gid): (u32, u32)) -> bool {
        let access = Access {
            mode: 0o2750,
            owner: Some("alice".into()),
        };
        let node = Node {
            kind: NodeKind::Directory,
            is_empty,
            mode,
            uid,
            gid,
        };
        access.is_due(&FakeSystem::default(), &node).unwrap()
    }

    #[test]
    fn access_is_due_at_each_point_where_a_run_may_have_stopped() {
        assert!(is_due(true, 0o700, (0, 0)), "made");
        assert!(is_due(true, 0o755, (0, 0)), "made under another umask");
        assert!(is_due(true, 0o2750, (0, 0)), "made, and the mode set");
        assert!(!is_due(true, 0o2750, ALICE), "all done");
    }

    #[test]
    fn access_that_somebody_chose_is_not_due() {
        assert!(!is_due(true, 0o755, (999, 999)));
        assert!(!is_due(true, 0o770, (0, 0)));
        assert!(!is_due(false, 0o700, (0, 0)), "it is in use");
    }
}
