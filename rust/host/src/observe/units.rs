//! `systemctl show`: how units are, one call for all of them.

use std::collections::BTreeMap;

use podman_btrfs_core::observed::{ObservedUnit, UnitState};

use crate::system::{Fault, System};

/// Looks at these units.
///
/// # Errors
/// When the program fails (where systemd does not run), or what it printed is not understood.
pub fn look(system: &dyn System, names: &[&str]) -> Result<BTreeMap<String, ObservedUnit>, Fault> {
    const SHOW: [&str; 4] = [
        "show",
        "--timestamp=unix",
        "--property=LoadState,ActiveState,LastTriggerUSec,ExecMainStartTimestamp",
        "--",
    ];
    let printed = system
        .run("systemctl", &[&SHOW, names].concat())
        .map_err(shortened)?;
    parse(&printed.stdout, names).ok_or_else(|| {
        Fault::Unexpected("`systemctl show` printed something that is not understood".into())
    })
}

/// The names of all units are no help, and neither is more than the first line.
fn shortened(fault: Fault) -> Fault {
    match fault {
        Fault::Program { stderr, .. } => {
            let why = stderr.lines().next().unwrap_or("it said nothing");
            Fault::Unexpected(format!("`systemctl show` failed: {why}"))
        }
        Fault::ProgramMissing { .. }
        | Fault::File { .. }
        | Fault::Absent { .. }
        | Fault::Unexpected(_) => fault,
    }
}

/// A block of `Property=value` for each unit in the order of the names, blank lines between; `None` where there are
/// more or fewer of them.
#[must_use]
pub fn parse(printed: &str, names: &[&str]) -> Option<BTreeMap<String, ObservedUnit>> {
    let blocks: Vec<&str> = printed.trim_end().split("\n\n").collect();
    if blocks.len() != names.len() {
        return None;
    }
    let units = names.iter().zip(blocks);
    units
        .map(|(name, block)| Some(((*name).to_owned(), unit(block)?)))
        .collect()
}

fn unit(block: &str) -> Option<ObservedUnit> {
    let value = |name: &str| {
        let mut lines = block.lines().filter_map(|line| line.split_once('='));
        lines.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let state = match (value("LoadState")?, value("ActiveState")?) {
        ("not-found", _) => UnitState::Absent,
        (_, "failed") => UnitState::Failed,
        (_, "inactive" | "deactivating") => UnitState::Inactive,
        (_, "active" | "activating" | "reloading" | "refreshing" | "maintenance") => {
            UnitState::Active
        }
        _ => return None,
    };
    let when = ["LastTriggerUSec", "ExecMainStartTimestamp"];
    // `@1790000000`; empty, `0` or `n/a` where it has not run.
    let runs = when.into_iter().filter_map(value);
    let last_run = runs
        .filter_map(|at| at.strip_prefix('@')?.parse().ok())
        .max();
    Some(ObservedUnit { state, last_run })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = "LoadState=loaded\nActiveState=active\nLastTriggerUSec=@1790000000\n\n\
        LoadState=loaded\nActiveState=failed\nExecMainStartTimestamp=@1790000001\n\n\
        LoadState=not-found\nActiveState=inactive\nExecMainStartTimestamp=\n";

    #[test]
    fn each_block_is_a_unit() {
        let found = parse(PRINTED, &["a.timer", "a.service", "b.service"]).unwrap();
        let of = |name: &str| (found[name].state, found[name].last_run);
        assert_eq!(of("a.timer"), (UnitState::Active, Some(1_790_000_000)));
        assert_eq!(of("a.service"), (UnitState::Failed, Some(1_790_000_001)));
        assert_eq!(of("b.service"), (UnitState::Absent, None));
    }

    #[test]
    fn what_is_not_understood_is_unknown() {
        assert_eq!(parse(PRINTED, &["a.timer", "a.service"]), None);
        assert_eq!(parse("", &["a.timer"]), None);
        let strange = PRINTED.replace("=failed", "=dreaming");
        assert_eq!(parse(&strange, &["a", "b", "c"]), None);
    }
}
