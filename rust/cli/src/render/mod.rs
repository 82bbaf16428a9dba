//! Values to text. Nothing here reads or writes.

#![expect(
    clippy::format_push_string,
    clippy::format_collect,
    reason = "a terminal's text is small, and `write!` would throw a result away in every line"
)]

pub(crate) mod artefacts;
pub(crate) mod checked;
pub(crate) mod diagnostics;
pub(crate) mod diff;
pub(crate) mod difference;
pub(crate) mod drift;
pub(crate) mod drill;
pub(crate) mod emergency;
pub(crate) mod explain;
pub(crate) mod leaked;
pub(crate) mod left;
pub(crate) mod migration;
pub(crate) mod plan;
pub(crate) mod receipt;
pub(crate) mod recovery;
pub(crate) mod rehearsal;
pub(crate) mod restoration;
pub(crate) mod simulation;
pub(crate) mod snapshot;
mod source_excerpt;
pub(crate) mod status;
mod table;
pub(crate) mod targets;
pub(crate) mod update;
pub(crate) mod words;
