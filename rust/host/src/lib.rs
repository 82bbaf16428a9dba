//! The one crate that runs programs and writes files.
//!
//! | module | may change |
//! | --- | --- |
//! | [`apply`] | makes subvolumes and directories, sets attributes, quotas and limits on *empty* ones |
//! | [`verify`] | nothing: looks, and writes probe files that it removes again |
//! | [`identity`] | nothing: looks where the volumes of containers lie |
//! | [`upkeep`] | moves chunks of data, discards free blocks, heals what a scrub finds: nothing that a file shows |
//! | [`observe`] | nothing: looks at what a plan names, for [drift](podman_btrfs_core::drift) |
//! | [`metrics`] | nothing: looks at space, errors, snapshots and receipts |
//! | [`rehearse`] | a throw-away image of its own, in a namespace of its own |
//!
//! Nothing here deletes what it has not made itself in the same run.

pub mod action;
pub mod apply;
pub mod identity;
pub mod lock;
pub mod marker;
pub mod metrics;
pub mod observe;
pub mod places;
pub mod receipt;
pub mod rehearse;
pub mod system;
pub mod upkeep;
pub mod verify;
