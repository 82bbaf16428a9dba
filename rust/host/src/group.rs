//! Consistency groups: snapshots of several subvolumes at one moment.
//!
//! One subvolume is snapshotted at one moment by Btrfs itself. Several are held still first: hooks quiesce the engines, the
//! containers are paused, all snapshots are taken, and everything goes on in reverse order. Whatever ends us in the middle, somebody
//! else lets the containers go on: a watchdog process, a timer of systemd, the next run.
//!
//! | file | holds |
//! | --- | --- |
//! | [`record`] | what a snapshot says of itself |
//! | [`target`] | what a group is, from the plan |
//! | [`take`] | the whole of one group snapshot, in order |
//! | `hold` | what is held still, and how it goes on |
//! | [`dump`] | dumps before the snapshot, of what is in none |
//! | [`engine`] | the hooks, one file an engine |
//! | [`podman`] | what is asked of Podman, as root or as a user |
//! | [`frozen`] | the file that names what is held still, and the thaw by such files |
//! | [`watchdog`] | the process that thaws when we do not |
//! | `timer` | systemd's timer that thaws when nothing of ours lives |
//! | [`staging`] | snapshots that are not published yet |
//! | [`generation`] | whether a subvolume changed since its newest snapshot |

mod cgroup;
pub mod dump;
pub mod engine;
pub mod frozen;
pub mod generation;
mod hold;
pub mod podman;
pub mod record;
pub mod staging;
pub mod take;
pub mod target;
#[cfg(test)]
mod tests;
mod timer;
pub mod watchdog;
