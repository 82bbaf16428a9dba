//! The one crate that runs programs and writes files.
//!
//! | module | may change |
//! | --- | --- |
//! | [`apply`] | makes subvolumes and directories, sets attributes, quotas and limits on *empty* ones, renames what was renamed |
//! | [`migrate`] | copies volumes to where they are planned, exchanges them, deletes the copy or, later and by name, the source |
//! | [`migrate::store`] | makes a store of Podman beside another one, exchanges them, deletes the new one or, later, the old one |
//! | [`restore`] | puts snapshots in place of volumes, keeps what was there, deletes what it made itself and, by name, what it kept |
//! | [`drill`] | restores into a throw-away place of its own, starts engines on it, and deletes that again |
//! | [`update`] | which image a name means, and, where that fails, what `restore` may |
//! | [`restore::recover`] | nothing by itself: has `restore` bring copies back where no data is |
//! | [`retire`] | deletes what was left behind, by name, and can be shown to be ours |
//! | [`leaked_layers`] | deletes subvolumes of layers in the system's store that no list of it has |
//! | [`emergency`] | nothing by itself: proposes what frees space, and takes one step of it by its name |
//! | [`verify`] | nothing: looks, and writes probe files that it removes again |
//! | [`identity`] | nothing: looks where the volumes of containers lie |
//! | [`upkeep`] | moves chunks of data, discards free blocks, heals what a scrub finds: nothing that a file shows |
//! | [`observe`] | nothing: looks at what a plan names, for [drift](podman_btrfs_core::drift) |
//! | [`copies`] | nothing: looks at the targets of copies, and notes when each was seen |
//! | [`remote`] | brings copies back from targets; deletes only what a broken run of its own left half received |
//! | [`metrics`] | nothing: looks at space, errors, snapshots and receipts |
//! | [`status`] | its record of sizes by day, where it is asked to: otherwise nothing |
//! | [`rehearse`] | a throw-away image of its own, in a namespace of its own |
//!
//! But for `retire`, `migrate`, `restore`, `leaked_layers` and `emergency`, nothing here deletes what it has not made itself.

pub mod action;
pub mod apply;
pub mod copies;
pub mod drill;
pub mod emergency;
pub mod group;
pub mod identity;
pub mod leaked_layers;
pub mod ledger;
pub mod lock;
pub mod marker;
pub mod metrics;
pub mod migrate;
pub mod observe;
pub mod receipt;
mod record_file;
pub mod rehearse;
pub mod remote;
pub mod restore;
pub mod retire;
pub mod status;
pub mod stop;
pub mod system;
pub mod units;
pub mod update;
pub mod upkeep;
pub mod verify;

#[cfg(test)]
#[path = "../tests/parsers/damage.rs"]
mod damage;
