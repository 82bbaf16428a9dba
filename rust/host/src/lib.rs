//! The one crate that runs programs and writes files.
//!
//! | module | may change |
//! | --- | --- |
//! | [`apply`] | makes subvolumes and directories, sets attributes, quotas and limits on *empty* ones, renames what was renamed |
//! | [`migrate`] | copies volumes to where they are planned, exchanges them, deletes the copy or, later and by name, the source |
//! | [`migrate::store`] | makes a store of Podman beside another one, exchanges them, deletes the new one or, later, the old one |
//! | [`retire`] | deletes what was left behind, by name, and can be shown to be ours |
//! | [`verify`] | nothing: looks, and writes probe files that it removes again |
//! | [`identity`] | nothing: looks where the volumes of containers lie |
//! | [`upkeep`] | moves chunks of data, discards free blocks, heals what a scrub finds: nothing that a file shows |
//! | [`observe`] | nothing: looks at what a plan names, for [drift](podman_btrfs_core::drift) |
//! | [`metrics`] | nothing: looks at space, errors, snapshots and receipts |
//! | [`rehearse`] | a throw-away image of its own, in a namespace of its own |
//!
//! But for `retire` and `migrate`, nothing here deletes what it has not made itself.

pub mod action;
pub mod apply;
pub mod identity;
pub mod ledger;
pub mod lock;
pub mod marker;
pub mod metrics;
pub mod migrate;
pub mod observe;
pub mod receipt;
pub mod rehearse;
pub mod retire;
pub mod system;
pub mod upkeep;
pub mod verify;
