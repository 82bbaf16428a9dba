//! `systemctl`: how units are, and what is done to them.

use crate::system::{Fault, System};

/// What `systemctl show` tells of a unit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) id: String,
    pub(super) state: String,
    /// Whether systemd has it, and it is not masked.
    pub(super) is_loaded: bool,
    /// Whether something starts it by itself, as a boot does.
    pub(super) is_wanted: bool,
    /// Whether Podman's generator wrote it from a quadlet.
    pub(super) is_quadlet: bool,
    /// Units that are stopped with it.
    pub(super) dependents: Vec<String>,
}

impl Shown {
    pub(super) fn is_running(&self) -> bool {
        matches!(
            &*self.state,
            "active" | "activating" | "reloading" | "refreshing"
        )
    }
}

pub(super) fn show(
    system: &dyn System,
    user: Option<&str>,
    names: &[String],
) -> Result<Vec<Shown>, Fault> {
    const PROPERTIES: &str =
        "--property=Id,ActiveState,LoadState,SourcePath,WantedBy,RequiredBy,BoundBy,ConsistsOf";
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let printed = control(system, user, &["show", PROPERTIES], names)?;
    parse(&printed, names.len()).ok_or_else(|| {
        Fault::Unexpected(format!(
            "`systemctl show {}` printed something that is not understood",
            names.join(" ")
        ))
    })
}

/// A block of `Property=value` for each unit in the order of the names, blank lines between.
fn parse(printed: &str, count: usize) -> Option<Vec<Shown>> {
    const STATES: [&str; 8] = [
        "active",
        "activating",
        "reloading",
        "refreshing",
        "inactive",
        "deactivating",
        "failed",
        "maintenance",
    ];
    let blocks: Vec<&str> = printed.trim_end().split("\n\n").collect();
    if blocks.len() != count {
        return None;
    }
    let unit = |block: &&str| {
        let value = |name: &str| {
            let mut lines = block.lines().filter_map(|line| line.split_once('='));
            lines.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let dependents = ["RequiredBy", "BoundBy", "ConsistsOf"];
        let dependents = dependents.iter().filter_map(|name| value(name));
        let dependents = dependents.flat_map(str::split_whitespace);
        let state = value("ActiveState")?;
        let load = value("LoadState")?;
        let wanting = ["WantedBy", "RequiredBy"].iter();
        let mut wanting = wanting.filter_map(|name| value(name));
        STATES.contains(&state).then(|| Shown {
            id: value("Id").unwrap_or_default().to_owned(),
            state: state.to_owned(),
            is_loaded: load == "loaded",
            is_wanted: wanting.any(|units| !units.is_empty()),
            is_quadlet: value("SourcePath").is_some_and(is_quadlet),
            dependents: dependents.map(str::to_owned).collect(),
        })
    };
    let shown: Vec<Shown> = blocks.iter().map(unit).collect::<Option<_>>()?;
    shown
        .iter()
        .all(|unit| !unit.id.is_empty())
        .then_some(shown)
}

/// A unit's source that Podman's generator reads.
fn is_quadlet(path: &str) -> bool {
    [".container", ".pod"]
        .iter()
        .any(|kind| path.ends_with(kind))
}

pub(super) fn control(
    system: &dyn System,
    user: Option<&str>,
    command: &[&str],
    names: &[String],
) -> Result<String, Fault> {
    let machine = user.map(|user| format!("--machine={user}@.host"));
    let mut arguments: Vec<&str> = Vec::new();
    if let Some(machine) = &machine {
        arguments.extend(["--user", machine]);
    }
    arguments.extend(command);
    arguments.push("--");
    arguments.extend(names.iter().map(String::as_str));
    system
        .run("systemctl", &arguments)
        .map(|printed| printed.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::damage;

    const PRINTED: &str = "Id=podman-pg.service\nLoadState=loaded\nActiveState=active\nSourcePath=\nRequiredBy=podman-web.service a.target\nBoundBy=\nConsistsOf=\n\n\
        Id=pg.service\nLoadState=not-found\nActiveState=inactive\n";

    #[test]
    fn each_block_is_a_unit_with_those_that_end_with_it() {
        let found = parse(PRINTED, 2).unwrap();
        assert_eq!(found[0].dependents, ["podman-web.service", "a.target"]);
        assert!(found[0].is_running() && !found[1].is_running());
        assert!(found[0].is_loaded && found[0].is_wanted);
        assert!(!found[1].is_loaded && !found[1].is_wanted);
        let by_timer = PRINTED.replace("podman-web.service a.target", "");
        assert!(!parse(&by_timer, 2).unwrap()[0].is_wanted);
    }

    #[test]
    fn what_is_not_understood_is_unknown() {
        assert_eq!(parse(PRINTED, 1), None);
        assert_eq!(parse("", 1), None);
        assert_eq!(parse(&PRINTED.replace("=inactive", "=dreaming"), 2), None);
        assert_eq!(parse(&PRINTED.replace("Id=pg.service\n", ""), 2), None);
    }

    #[test]
    fn units_of_any_kind() {
        damage::each(&[PRINTED], |text| {
            assert!(parse(text, 2).is_none_or(|found| found.len() == 2));
        });
    }
}
