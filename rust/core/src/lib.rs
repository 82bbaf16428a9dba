//! The pure core of podman-btrfs.
//!
//! ```text
//! spec ──parse──▶ Spec ──analyse──▶ Facts ──rules──▶ Decisions ──build──▶ Plan
//! ```
//!
//! Nothing here reads a file, a clock or the environment (a `clippy.toml` beside this crate's manifest
//! sees to it): the same declaration gives the same plan, byte for byte, on every machine.

pub mod analysis;
pub mod clock;
pub mod density;
pub mod diff;
pub mod drift;
pub mod emergency;
pub mod explain;
pub mod finding;
pub mod observed;
pub mod option_path;
pub mod plan;
pub mod retention;
pub mod rules;
pub mod simulate;
pub mod space;
pub mod spec;
pub mod storage_conf;
pub mod units;
pub mod upkeep;
pub mod what_if;
