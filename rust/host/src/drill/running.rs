//! The throw-away container of a drill while it runs, and its end.

use std::time::Duration;

use super::container::{Making, digits};
use super::stage::is_id;
use crate::group::podman::{PATIENCE, Podman};
use crate::system::{Fault, Printed, System};

/// How its name begins.
const PREFIX: &str = "podman-btrfs-drill-";
/// How long it may take until it is made: layers are mounted, and a busy store is waited for.
const BEGIN: Duration = Duration::from_secs(2 * 60);
/// How often is looked whether an engine answers.
const GLANCE: Duration = Duration::from_millis(500);

/// A container that runs for a drill; it is removed by [`Running::remove`], and by the next drill.
pub(super) struct Running<'s> {
    podman: Podman<'s>,
    name: String,
    wait: Duration,
}

impl<'s> Running<'s> {
    /// Starts it.
    pub(super) fn start(
        podman: Podman<'s>,
        id: &str,
        making: &Making,
        wait: Duration,
    ) -> Result<Self, String> {
        let name = format!("{PREFIX}{id}");
        let mut words = making.words(&name, &["--detach"]);
        words.extend(making.variables.keys().map(|name| format!("--env={name}")));
        if !making.user.is_empty() {
            words.push(format!("--user={}", making.user));
        }
        if !making.directory.is_empty() {
            words.push(format!("--workdir={}", making.directory));
        }
        if let Some(entrypoint) = &making.entrypoint {
            let list = serde_json::to_string(entrypoint).map_err(|error| error.to_string())?;
            words.push(format!("--entrypoint={list}"));
        }
        words.push(digits(&making.image).to_owned());
        words.extend(making.command.iter().cloned());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let variables: Vec<(String, String)> = making.variables.clone().into_iter().collect();
        let running = Self { podman, name, wait };
        match running.podman.run(&words, &variables, BEGIN) {
            Ok(_) => Ok(running),
            Err(fault) => {
                let why = fault.to_string();
                running.remove().map_err(|more| format!("{why}; {more}"))?;
                Err(why)
            }
        }
    }

    /// Runs a program in it, with variables by their names.
    pub(super) fn exec(
        &self,
        options: &[&str],
        variables: &[(String, String)],
        command: &[&str],
        limit: Duration,
    ) -> Result<Printed, Fault> {
        let mut words = vec!["exec"];
        words.extend(variables.iter().flat_map(|(name, _)| ["--env", name]));
        words.extend(options);
        words.push(&self.name);
        words.extend(command);
        self.podman.run(&words, variables, limit)
    }

    /// Asks until it is answered; why it was not.
    pub(super) fn wait(&self, ask: &dyn Fn() -> Result<(), String>) -> Result<(), String> {
        let system = self.podman.system();
        let until = system.uptime() + self.wait;
        loop {
            let Err(why) = ask() else {
                return Ok(());
            };
            if !self.runs().map_err(|fault| fault.to_string())? {
                return Err(format!("it ended: {}", self.last_words()));
            }
            if system.uptime() >= until {
                return Err(format!(
                    "it did not answer within {} s: {why}; it said last: {}",
                    self.wait.as_secs(),
                    self.last_words()
                ));
            }
            system.pause(GLANCE);
        }
    }

    fn runs(&self) -> Result<bool, Fault> {
        let words = [
            "container",
            "inspect",
            "--format={{.State.Running}}",
            &self.name,
        ];
        let printed = self.podman.run(&words, &[], PATIENCE)?;
        Ok(printed.stdout.trim() == "true")
    }

    /// The end of what it printed, on one line.
    pub(super) fn last_words(&self) -> String {
        match self
            .podman
            .run(&["logs", "--tail=6", &self.name], &[], PATIENCE)
        {
            Ok(printed) => {
                let all = format!("{} {}", printed.stdout.trim(), printed.stderr.trim());
                shortened(&all)
            }
            Err(fault) => format!("what it said is not known: {fault}"),
        }
    }

    /// Removes it.
    pub(super) fn remove(&self) -> Result<(), String> {
        remove(&self.podman, &self.name).map_err(|fault| fault.to_string())
    }
}

/// One line of at most so many characters, the last.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 400;
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    let surplus = line.chars().count().saturating_sub(MOST);
    line.chars().skip(surplus).collect()
}

/// Runs one program of an image on the drill's volumes, in a container of its own that goes with it.
pub(super) fn once(
    podman: &Podman<'_>,
    id: &str,
    making: &Making,
    (program, arguments): (&str, &[&str]),
    limit: Duration,
) -> Result<Printed, Fault> {
    let name = format!("{PREFIX}{id}");
    let mut words = making.words(&name, &["--rm"]);
    if !making.user.is_empty() {
        words.push(format!("--user={}", making.user));
    }
    words.push(format!("--entrypoint={program}"));
    words.push(digits(&making.image).to_owned());
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.extend(arguments);
    let done = podman.run(&words, &[], limit);
    // Where it was ended because it took too long, it may be there still.
    if done.is_err() {
        remove(podman, &name)?;
    }
    done
}

fn remove(podman: &Podman<'_>, name: &str) -> Result<(), Fault> {
    let words = ["rm", "--force", "--time=0", "--volumes", "--ignore", name];
    podman.run(&words, &[], BEGIN).map(drop)
}

/// Removes containers of drills that were ended in the middle; in words. Called where no other drill is at work.
pub(super) fn clear(system: &dyn System) -> Result<Vec<String>, Fault> {
    let podman = Podman::of(system, None)?;
    let filter = format!("--filter=name=^{PREFIX}[0-9a-f]+$");
    let words = ["ps", "--all", "--no-trunc", "--format=json", &filter];
    let printed = match podman.run(&words, &[], PATIENCE) {
        Ok(printed) => printed.stdout,
        // Without Podman there is no container.
        Err(Fault::ProgramMissing { .. }) => return Ok(Vec::new()),
        Err(fault) => {
            return Ok(vec![format!(
                "containers that may be left were not looked for: {fault}"
            )]);
        }
    };
    let found = crate::group::podman::parse(&printed).map_err(|why| {
        Fault::Unexpected(format!(
            "`podman ps` printed something that is not understood: {why}"
        ))
    })?;
    let mut told = Vec::new();
    for name in found.keys().map(ToString::to_string) {
        if name.strip_prefix(PREFIX).is_some_and(is_id) {
            remove(&podman, &name)?;
            told.push(format!(
                "the container {name} of a drill that was ended in the middle is removed"
            ));
        }
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_much_the_end_is_told_on_one_line() {
        let told = shortened(&format!("begin\n{} end", "x".repeat(900)));
        assert!(told.len() == 400 && told.ends_with("x end"), "{told}");
    }
}
