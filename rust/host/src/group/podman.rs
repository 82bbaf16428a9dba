//! What is asked of Podman: by root of its own, and of a rootless one as its user.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use podman_btrfs_core::units::{ContainerName, Text as _, UnitName, UserName};
use serde::Deserialize;

use super::cgroup::Still;
use crate::migrate::podman_volume;
use crate::system::{Fault, Printed, Printing, Session, System, Written};

/// How long Podman may take for what it does itself: a busy store locks it out for seconds.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The Podman of one user.
#[derive(Clone)]
pub struct Podman<'s> {
    system: &'s dyn System,
    program: &'static str,
    before: Vec<String>,
}

/// A container that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its identity: 64 hexadecimal digits, and no later container's.
    pub id: String,
    /// What it does.
    pub state: State,
    /// The identity of its image, as `sha256:…`.
    pub image: String,
    /// The reference that it was made with, as `docker.io/library/postgres:17`.
    pub reference: String,
    /// The unit that runs it.
    pub unit: Option<UnitName>,
    /// Where its image is to be looked for, as its label says ([`AUTO_UPDATE`]).
    pub auto_update: Option<String>,
}

/// The label by which `podman auto-update` knows the containers that it is to update (`podman-auto-update(1)`): `registry`, `local`.
pub const AUTO_UPDATE: &str = "io.containers.autoupdate";

/// What a container does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It runs.
    Running,
    /// Somebody paused it.
    Paused,
    /// It does not run.
    Resting,
}

impl<'s> Podman<'s> {
    /// That of root, or of a user.
    ///
    /// # Errors
    /// When there is no such user.
    pub fn of(system: &'s dyn System, user: Option<&UserName>) -> Result<Self, Fault> {
        let Some(user) = user else {
            let (program, before) = ("podman", Vec::new());
            return Ok(Self {
                system,
                program,
                before,
            });
        };
        Ok(Self {
            system,
            program: "runuser",
            before: podman_volume::of_user(system, user.as_str())?,
        })
    }

    /// The machine that it runs on.
    #[must_use]
    pub fn system(&self) -> &'s dyn System {
        self.system
    }

    fn words<'w>(&'w self, arguments: &[&'w str]) -> Vec<&'w str> {
        let before = self.before.iter().map(String::as_str);
        before.chain(arguments.iter().copied()).collect()
    }

    /// Runs it.
    ///
    /// # Errors
    /// When it fails, or takes too long.
    pub fn run(
        &self,
        arguments: &[&str],
        environment: &[(String, String)],
        limit: Duration,
    ) -> Result<Printed, Fault> {
        self.system
            .run_within(self.program, &self.words(arguments), environment, limit)
    }

    /// Runs it with a lock that it has for as long as it runs, whatever becomes of us: who is to undo what it does waits for that.
    ///
    /// # Errors
    /// When it fails, or takes too long.
    pub fn run_locked(
        &self,
        lock: &Path,
        arguments: &[&str],
        limit: Duration,
    ) -> Result<Printed, Fault> {
        let lock = lock.to_string_lossy();
        let before = ["--no-fork", &lock, self.program];
        let words = [&before[..], &self.words(arguments)].concat();
        self.system.run_within("flock", &words, &[], limit)
    }

    /// Starts a program in a container that is talked to. Variables go by their names alone: no value stands on a command line.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn talk(
        &self,
        id: &str,
        options: &[&str],
        environment: &[(String, String)],
        command: &[&str],
    ) -> Result<Box<dyn Session>, Fault> {
        let mut words = vec!["exec", "--interactive"];
        words.extend(environment.iter().flat_map(|(name, _)| ["--env", name]));
        words.extend(options);
        words.push(id);
        words.extend(command);
        self.system
            .session(self.program, &self.words(&words), environment)
    }

    /// Runs a program in a container, and keeps what it prints in a new file in a directory of the host, under a name.
    ///
    /// # Errors
    /// When it fails, or takes too long.
    pub fn print(
        &self,
        id: &str,
        (options, environment): (&[&str], &[(String, String)]),
        command: &[&str],
        limit: Duration,
        (directory, name): (&Path, &str),
    ) -> Result<Written, Fault> {
        let mut words = vec!["exec"];
        words.extend(environment.iter().flat_map(|(name, _)| ["--env", name]));
        words.extend(options);
        words.push(id);
        words.extend(command);
        let printing = Printing {
            program: self.program,
            arguments: &self.words(&words),
            environment,
            limit,
        };
        self.system.print_below(&printing, directory, name)
    }

    /// Runs a program in a container.
    ///
    /// # Errors
    /// When it fails, or takes too long.
    pub fn exec(&self, id: &str, command: &[&str], limit: Duration) -> Result<Printed, Fault> {
        self.run(&[&["exec", id], command].concat(), &[], limit)
    }

    /// What is known of the containers that are declared by these names; those that do not exist are left out.
    ///
    /// # Errors
    /// When Podman cannot be asked, or what it printed is not understood.
    pub fn containers(
        &self,
        names: &[&ContainerName],
    ) -> Result<BTreeMap<ContainerName, Seen>, Fault> {
        let filters: Vec<String> = names
            .iter()
            .map(|name| format!("--filter=name=^{}$", name.as_str().replace('.', "[.]")))
            .collect();
        let filters: Vec<&str> = filters.iter().map(String::as_str).collect();
        let found = self.listed(&filters)?;
        // A filter is a pattern, and a container has several names in a pod's network.
        let mut found: BTreeMap<_, _> = found
            .into_iter()
            .filter(|(name, _)| names.contains(&name))
            .collect();
        if names.iter().any(|name| !found.contains_key(*name)) {
            let all = self.all_containers()?;
            for name in names {
                if let Some((_, seen)) = declared(&all, name).next() {
                    found.entry((*name).clone()).or_insert_with(|| seen.clone());
                }
            }
        }
        Ok(found)
    }

    /// What is known of all containers.
    ///
    /// # Errors
    /// When Podman cannot be asked, or what it printed is not understood.
    pub fn all_containers(&self) -> Result<BTreeMap<ContainerName, Seen>, Fault> {
        self.listed(&[])
    }

    fn listed(&self, filters: &[&str]) -> Result<BTreeMap<ContainerName, Seen>, Fault> {
        let words = [&["ps", "--all", "--no-trunc", "--format=json"], filters].concat();
        let printed = self.run(&words, &[], PATIENCE)?;
        parse(&printed.stdout).map_err(|why| {
            Fault::Unexpected(format!(
                "`podman ps` printed something that is not understood: {why}"
            ))
        })
    }

    /// How each of these is held still.
    ///
    /// # Errors
    /// When Podman cannot be asked.
    pub(super) fn stills(&self, ids: &[&str]) -> Result<BTreeMap<String, Still>, Fault> {
        let form = "--format={{.Id}} {{.HostConfig.Cgroups}} {{.State.Pid}}";
        let printed = self.run(
            &[&["container", "inspect", form], ids].concat(),
            &[],
            PATIENCE,
        )?;
        let mut found = BTreeMap::new();
        for line in printed.stdout.lines() {
            let mut words = line.split_whitespace();
            let (Some(id), Some(cgroups)) = (words.next(), words.next()) else {
                continue;
            };
            let process = words.next().unwrap_or_default();
            found.insert(
                id.to_owned(),
                Still::of(self.system, id, cgroups != "disabled", process)?,
            );
        }
        Ok(found)
    }
}

/// Reads what `podman ps --format=json` prints.
///
/// # Errors
/// Why it is not understood.
pub fn parse(text: &str) -> Result<BTreeMap<ContainerName, Seen>, String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Entry {
        id: String,
        names: Vec<String>,
        state: String,
        #[serde(rename = "ImageID")]
        image: String,
        #[serde(rename = "Image", default)]
        reference: String,
        labels: Option<BTreeMap<String, String>>,
    }
    let entries: Option<Vec<Entry>> =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut found = BTreeMap::new();
    for entry in entries.unwrap_or_default() {
        if !is_id(&entry.id) {
            return Err(format!("`{}` is no identity", entry.id.escape_debug()));
        }
        let label = |name: &str| entry.labels.as_ref().and_then(|all| all.get(name));
        let unit = label("PODMAN_SYSTEMD_UNIT");
        let auto_update =
            label(AUTO_UPDATE).filter(|policy| *policy != "disabled" && !policy.is_empty());
        let seen = Seen {
            id: entry.id,
            state: match entry.state.as_str() {
                "running" => State::Running,
                "paused" => State::Paused,
                _ => State::Resting,
            },
            image: match entry.image.strip_prefix("sha256:").unwrap_or(&entry.image) {
                "" => String::new(),
                digits => format!("sha256:{digits}"),
            },
            reference: entry.reference.clone(),
            unit: unit.and_then(|unit| UnitName::parse(unit).ok()),
            auto_update: auto_update.cloned(),
        };
        // One that nobody can declare is not of the plan.
        let names = entry
            .names
            .iter()
            .filter_map(|name| ContainerName::parse(name).ok());
        found.extend(names.map(|name| (name, seen.clone())));
    }
    Ok(found)
}

/// The containers that may be the declared one: of its very name, else those that its unit runs. A quadlet's is called `systemd-app` unless it is given
/// a name, and may be given any (`podman-systemd.unit(5)`, `ContainerName=`).
pub(crate) fn declared<'s>(
    all: &'s BTreeMap<ContainerName, Seen>,
    name: &ContainerName,
) -> impl Iterator<Item = (&'s ContainerName, &'s Seen)> {
    let unit = format!("{name}.service");
    let is_run_by_it = move |seen: &Seen| seen.unit.as_ref().is_some_and(|of| of.as_str() == unit);
    let by_unit = all.iter().filter(move |(_, seen)| is_run_by_it(seen));
    all.get_key_value(name).into_iter().chain(by_unit)
}

/// Whether a text is a container's identity.
pub(super) fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_podman_prints_is_read_and_another_form_is_not() {
        let id = "9".repeat(64);
        let text = format!(
            r#"[{{"Id":"{id}","Names":["db"],"State":"running","ImageID":"aa","Image":"localhost/pg:1",
              "Labels":{{"PODMAN_SYSTEMD_UNIT":"podman-db.service","io.containers.autoupdate":"local"}},"Pid":3}},
            {{"Id":"{id}","Names":["not a name"],"State":"exited","ImageID":"","Labels":null}}]"#
        );
        let found = parse(&text).unwrap();
        let db = &found[&ContainerName::parse("db").unwrap()];
        assert_eq!(
            (found.len(), db.state, &*db.image),
            (1, State::Running, "sha256:aa")
        );
        assert_eq!(
            (&*db.reference, db.auto_update.as_deref()),
            ("localhost/pg:1", Some("local"))
        );
        assert_eq!(db.unit.as_ref().unwrap().as_str(), "podman-db.service");
        let named = |name: &str| ContainerName::parse(name).unwrap();
        let quadlet = text.replace("podman-db.service", "app.service");
        let all = parse(&quadlet.replace(r#"["db"]"#, r#"["systemd-app"]"#)).unwrap();
        assert!(declared(&all, &named("app")).next().is_some());
        assert!(declared(&all, &named("db")).next().is_none());
        assert!(declared(&all, &named("systemd-app")).next().is_some());
        assert!(parse("null").unwrap().is_empty());
        assert!(parse(&text.replace(&id, "--all")).is_err());
        assert!(parse("[{}]").is_err());
    }
}
