//! What the last run of `apply` came to, and whether it ran since the host was booted.

use std::path::Path;

use super::Collector;
use crate::receipt::{Receipt, State};
use crate::system::{Fault, System};

pub(super) fn collect(
    system: &dyn System,
    directory: &Path,
    collector: &mut Collector,
) -> Result<(), Fault> {
    if let Some(booted) = boot(system)? {
        collector.set("podman_btrfs_boot_timestamp_seconds", &[], booted);
    }
    let Some((first, receipt)) = kept(system, directory)? else {
        return Ok(());
    };
    collector.set("podman_btrfs_apply_first_timestamp_seconds", &[], first);
    collector.set("podman_btrfs_apply_timestamp_seconds", &[], receipt.started);
    for (state, of) in STATES {
        let count = u64::try_from(receipt.count(of)).unwrap_or(u64::MAX);
        collector.set("podman_btrfs_apply_steps", &[("state", state)], count);
    }
    Ok(())
}

/// What the last run did; `None`: it never ran.
///
/// # Errors
/// When the records cannot be read.
pub fn last_apply(system: &dyn System, directory: &Path) -> Result<Option<Receipt>, Fault> {
    Ok(kept(system, directory)?.map(|(_, receipt)| receipt))
}

/// When the first of the records was begun, and the last one.
fn kept(system: &dyn System, directory: &Path) -> Result<Option<(u64, Receipt)>, Fault> {
    // No directory: it never ran, which is known.
    let names = system.list(directory)?.unwrap_or_default();
    let mut kept: Vec<_> = names.iter().filter_map(|name| number(name)).collect();
    kept.sort_unstable();
    let (Some((first, ..)), Some((.., name))) = (kept.first(), kept.last()) else {
        return Ok(None);
    };
    Ok(Some((*first, read(system, &directory.join(name))?)))
}

type Is = fn(&State) -> bool;

const STATES: [(&str, Is); 4] = [
    ("already", |state| matches!(state, State::Already)),
    ("done", |state| matches!(state, State::Done)),
    ("refused", |state| matches!(state, State::Refused(_))),
    ("failed", |state| matches!(state, State::Failed(_))),
];

/// `1790000000.json`, or `1790000000-2.json` for a second one of that moment; the directory holds other files too.
fn number(name: &str) -> Option<(u64, u64, &str)> {
    let number = name.strip_suffix(".json")?;
    let (started, count) = number.split_once('-').unwrap_or((number, "1"));
    Some((started.parse().ok()?, count.parse().ok()?, name))
}

fn read(system: &dyn System, path: &Path) -> Result<Receipt, Fault> {
    let strange = |why: &str| Fault::Unexpected(format!("{}: {why}", path.display()));
    let text = system.read(path)?.ok_or_else(|| strange("it is gone"))?;
    Receipt::parse(&text).map_err(|error| strange(&error))
}

/// `/proc/stat`, `proc_stat(5)`; `None` where a unit may not see it.
fn boot(system: &dyn System) -> Result<Option<u64>, Fault> {
    let text = system.read(Path::new("/proc/stat"))?;
    Ok(text.and_then(|text| {
        text.lines()
            .find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok())
    }))
}
