//! The environment that a process in the container has: where images take users and passwords from.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Place;
use crate::group::podman::Podman;

/// The variables of a container's processes.
#[derive(Clone, Debug, Default)]
pub(super) struct Environment {
    variables: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
}

impl Environment {
    /// Asks for it in the container, because Podman does not tell of variables that are secrets.
    pub(super) fn of(place: &Place<'_>) -> Result<Self, String> {
        Self::read(&place.podman, &place.id, place.limit)
    }

    pub(super) fn read(podman: &Podman<'_>, id: &str, limit: Duration) -> Result<Self, String> {
        let printed = podman
            .exec(id, &["env"], limit)
            .map_err(|fault| fault.to_string())?;
        let variables: BTreeMap<String, String> = printed
            .stdout
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let mut secrets = BTreeMap::new();
        for (name, file) in &variables {
            let Some(of) = name.strip_suffix("_FILE").filter(|of| is_wanted(of)) else {
                continue;
            };
            // An option, as a name of a file could look, is none behind `--`.
            let read = podman.exec(id, &["cat", "--", file], limit);
            let text = read
                .map_err(|fault| format!("the file that {name} names: {fault}"))?
                .stdout;
            secrets.insert(of.to_owned(), text.trim_end_matches('\n').to_owned());
        }
        Ok(Self { variables, secrets })
    }

    /// All of them, where both are set the variable itself.
    pub(super) fn into_all(self) -> BTreeMap<String, String> {
        let mut all = self.secrets;
        all.extend(self.variables);
        all
    }

    /// The first of these that is set, itself or by a file of the name behind `_FILE`.
    pub(super) fn first(&self, names: &[&str]) -> Option<&str> {
        let of = |name: &&str| {
            let direct = self.variables.get(*name).filter(|value| !value.is_empty());
            direct
                .or_else(|| self.secrets.get(*name))
                .map(String::as_str)
        };
        names.iter().find_map(of)
    }
}

/// What files are read for.
fn is_wanted(name: &str) -> bool {
    const KINDS: [&str; 6] = [
        "POSTGRES_",
        "MARIADB_ROOT_",
        "MYSQL_ROOT_",
        "MONGO_INITDB_ROOT_",
        "REDIS_",
        "VALKEY_",
    ];
    KINDS.iter().any(|kind| name.starts_with(kind))
        && (name.ends_with("_PASSWORD") || name.ends_with("_USER") || name.ends_with("_USERNAME"))
}
