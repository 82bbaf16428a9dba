//! Podman and engines in memory: which containers are paused, and what was done in which order.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use super::FakeSystem;
use crate::system::{Fault, Line, Printed, Printing, Session, System as _, Written};

/// Containers by name.
#[derive(Debug, Default)]
pub(super) struct FakePodman {
    containers: BTreeMap<String, FakeContainer>,
    /// What a program in a container prints, or with which status and words it fails.
    prints: BTreeMap<String, Result<String, (i32, String)>>,
    /// What takes long, and how long.
    slow: Option<(String, Duration)>,
    /// What each name of an image means: 64 hexadecimal digits.
    images: BTreeMap<String, String>,
    /// What an image does when a container of it starts.
    starts: BTreeMap<String, Starts>,
}

/// What an image does when a container of it starts: whether it stays up.
#[derive(Clone)]
struct Starts(Rc<dyn Fn(&FakeSystem) -> bool>);

impl std::fmt::Debug for Starts {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Starts")
    }
}

#[derive(Clone, Debug)]
struct FakeContainer {
    id: String,
    state: &'static str,
    image: String,
    /// The reference that its unit starts it by; empty: it has no unit.
    reference: String,
}

impl FakeSystem {
    /// Runs a container.
    pub fn run_container(&self, name: &str) {
        let mut podman = self.podman.borrow_mut();
        let id = format!("{:064x}", podman.containers.len() + 1);
        let container = FakeContainer {
            id,
            state: "running",
            image: format!("aa{name}"),
            reference: String::new(),
        };
        podman.containers.insert(name.to_owned(), container);
    }

    /// An image of a name, and what it does when a container of it starts: whether it stays up. Its digits.
    pub fn put_image(&self, name: &str, starts: impl Fn(&Self) -> bool + 'static) -> String {
        let mut podman = self.podman.borrow_mut();
        let digits = format!("{:064x}", 0xa000 + podman.starts.len());
        podman.images.insert(name.to_owned(), digits.clone());
        podman
            .starts
            .insert(digits.clone(), Starts(Rc::new(starts)));
        digits
    }

    /// A container that the unit `podman-NAME.service` starts by a reference, and which does not run.
    pub fn put_container(&self, name: &str, reference: &str) {
        self.run_container(name);
        let mut podman = self.podman.borrow_mut();
        if let Some(container) = podman.containers.get_mut(name) {
            container.state = "exited";
            reference.clone_into(&mut container.reference);
        }
    }

    /// What a name of an image means.
    #[must_use]
    pub fn image(&self, name: &str) -> Option<String> {
        let podman = self.podman.borrow();
        let name = name.strip_prefix("sha256:").unwrap_or(name);
        let by_digits = podman.images.values().find(|digits| *digits == name);
        podman.images.get(name).or(by_digits).cloned()
    }

    /// The image that a container runs.
    #[must_use]
    pub fn runs(&self, name: &str) -> Option<String> {
        let podman = self.podman.borrow();
        let container = podman.containers.get(name);
        let running = container.filter(|container| container.state == "running");
        running.map(|container| container.image.clone())
    }

    /// A unit of a container starts it anew by its reference, or stops it; whether it comes up.
    pub(super) fn control_container(&self, unit: &str, verb: &str) -> bool {
        let name = unit
            .strip_prefix("podman-")
            .and_then(|name| name.strip_suffix(".service"));
        let name = name.unwrap_or_default();
        let reference = {
            let podman = self.podman.borrow();
            let container = podman.containers.get(name);
            container
                .map(|container| container.reference.clone())
                .unwrap_or_default()
        };
        if reference.is_empty() || verb == "start" && self.runs(name).is_some() {
            return true;
        }
        let Some(image) = self.image(&reference).filter(|_| verb == "start") else {
            self.set_container(name, "exited");
            return verb != "start";
        };
        let starts = self.podman.borrow().starts.get(&image).cloned();
        let is_up = starts.is_none_or(|Starts(starts)| starts(self));
        let mut podman = self.podman.borrow_mut();
        let id = format!("{:064x}", self.changes() + 0xc000);
        if let Some(container) = podman.containers.get_mut(name) {
            (container.id, container.image) = (id, image);
            container.state = if is_up { "running" } else { "exited" };
        }
        is_up
    }

    fn images(&self, words: &[&str]) -> Result<Printed, Fault> {
        let known = |name: &str| {
            let fault = Fault::Program {
                command: "podman image exists".into(),
                status: 1,
                stderr: "no such image".into(),
            };
            self.image(name).ok_or(fault)
        };
        let mut stdout = String::new();
        match words {
            ["image", "exists", _, name] => drop(known(name)?),
            ["image", "inspect", _, _, name] => stdout = known(name)?,
            ["tag", _, image, name] => {
                let digits = known(image)?;
                self.podman
                    .borrow_mut()
                    .images
                    .insert((*name).to_owned(), digits);
            }
            ["untag", _, name, _] => drop(self.podman.borrow_mut().images.remove(*name)),
            _ => return Err(failed(&format!("podman {}", words.join(" ")), "not known")),
        }
        let stderr = String::new();
        Ok(Printed { stdout, stderr })
    }

    /// Pauses or stops it, as somebody else does.
    pub fn set_container(&self, name: &str, state: &'static str) {
        if let Some(container) = self.podman.borrow_mut().containers.get_mut(name) {
            container.state = state;
        }
    }

    /// What each container does.
    #[must_use]
    pub fn containers(&self) -> BTreeMap<String, &'static str> {
        let podman = self.podman.borrow();
        let all = podman.containers.iter();
        all.map(|(name, container)| (name.clone(), container.state))
            .collect()
    }

    /// What holds these words takes this long.
    pub fn slow(&self, words: &str, time: Duration) {
        self.podman.borrow_mut().slow = Some((words.to_owned(), time));
    }

    /// What was done, in order.
    #[must_use]
    pub fn journal(&self) -> Vec<String> {
        self.journal.borrow().clone()
    }

    pub(super) fn note(&self, line: String) {
        let podman = self.podman.borrow();
        let slow = podman
            .slow
            .as_ref()
            .filter(|(words, _)| line.contains(words));
        let took = slow.map_or(Duration::from_millis(10), |(_, time)| *time);
        self.elapsed.set(self.elapsed.get() + took);
        self.journal.borrow_mut().push(line);
    }

    pub(super) fn generations(&self, path: &str) -> Result<Printed, Fault> {
        // What is not changed in between has the generation of its snapshot.
        let made = self.update(Path::new(path), |node| node.text.len())?;
        let stdout = format!("x\n\tGeneration: \t\t{made}\n\tGen at creation: \t{made}\n");
        Ok(Printed {
            stdout,
            stderr: String::new(),
        })
    }

    pub(super) fn run_podman(&self, program: &str, arguments: &[&str]) -> Result<Printed, Fault> {
        let said = |stdout: String| {
            Ok(Printed {
                stdout,
                stderr: String::new(),
            })
        };
        if program == "getent" {
            return said("alice:x:1000:100::/home/alice:/bin/sh\n".into());
        }
        self.change(Path::new(program))?;
        if program == "systemd-run" {
            self.note(format!("{program} {}", arguments.join(" ")));
            return Ok(Printed::default());
        }
        let words = arguments.iter().position(|word| *word == "podman");
        let words = words.map_or(arguments, |place| {
            arguments.get(place + 1..).unwrap_or_default()
        });
        match words {
            ["ps", ..] => said(self.listed()),
            ["image" | "tag" | "untag", ..] => self.images(words),
            ["container", "inspect", _, ids @ ..] => {
                let lines: Vec<String> = ids.iter().map(|id| format!("{id} enabled")).collect();
                said(lines.join("\n"))
            }
            ["pause", ids @ ..] => self.each(ids, "pause", "running", "paused"),
            ["unpause", ids @ ..] => self.each(ids, "unpause", "paused", "running"),
            ["exec", id, "env"] => {
                self.name(id)?;
                said("POSTGRES_USER=shop\nMARIADB_ROOT_PASSWORD=secret\n".into())
            }
            ["exec", id, command @ ..] => {
                let name = self.name(id)?;
                self.note(format!("exec {name}: {}", command.join(" ")));
                Ok(Printed::default())
            }
            _ => Err(failed(&format!("podman {}", words.join(" ")), "not known")),
        }
    }

    /// What a program in a container prints, or with which status and words it fails.
    pub fn program_prints(&self, program: &str, said: Result<&str, (i32, &str)>) {
        let said = said.map(str::to_owned);
        let said = said.map_err(|(status, words)| (status, words.to_owned()));
        let mut podman = self.podman.borrow_mut();
        podman.prints.insert(program.to_owned(), said);
    }

    /// Where it is interrupted, half of it is there.
    pub(super) fn print(&self, printing: &Printing<'_>, place: &Path) -> Result<Written, Fault> {
        let path = place.to_string_lossy();
        if self.look(place)?.is_some() {
            return Err(Fault::Unexpected(format!("{path} is there")));
        }
        if let Err(fault) = self.change(place) {
            self.put_text(&path, "half");
            return Err(fault);
        }
        let podman = self.podman.borrow();
        let mut all = podman.containers.iter();
        let found = all.find(|(_, one)| printing.arguments.contains(&one.id.as_str()));
        let container = found.map(|(name, _)| name.clone()).unwrap_or_default();
        let known = |word: &&str| podman.prints.contains_key(*word);
        let program = printing.arguments.iter().copied().find(known);
        let program = program.unwrap_or_default();
        let said = podman.prints.get(program).cloned();
        drop(podman);
        self.note(format!("dump {container}: {program}"));
        match said.unwrap_or_else(|| Err((127, "no such program".into()))) {
            Ok(text) => {
                self.put_text(&path, &text);
                Ok(Written {
                    bytes: text.len() as u64,
                    end: text,
                })
            }
            Err((status, stderr)) => {
                self.put_text(&path, "half");
                Err(Fault::Program {
                    command: program.to_owned(),
                    status,
                    stderr,
                })
            }
        }
    }

    fn listed(&self) -> String {
        let podman = self.podman.borrow();
        let entry = |(name, container): (&String, &FakeContainer)| {
            format!(
                r#"{{"Id":"{}","Names":["{name}"],"State":"{}","ImageID":"{}","Image":"{}","Labels":null}}"#,
                container.id, container.state, container.image, container.reference
            )
        };
        let all: Vec<String> = podman.containers.iter().map(entry).collect();
        format!("[{}]", all.join(","))
    }

    fn name(&self, id: &str) -> Result<String, Fault> {
        let podman = self.podman.borrow();
        let found = podman
            .containers
            .iter()
            .find(|(_, container)| container.id == id);
        let (name, _) = found.ok_or_else(|| failed("podman", "no such container"))?;
        Ok(name.clone())
    }

    fn each(
        &self,
        ids: &[&str],
        verb: &str,
        from: &str,
        to: &'static str,
    ) -> Result<Printed, Fault> {
        let mut wrong = None;
        for id in ids {
            let name = self.name(id)?;
            if self.containers().get(&name) == Some(&from) {
                self.set_container(&name, to);
                self.note(format!("{verb} {name}"));
            } else {
                wrong = Some(failed(
                    verb,
                    &format!("\"{id}\" is not {from}, can't {verb}"),
                ));
            }
        }
        wrong.map_or(Ok(Printed::default()), Err)
    }

    pub(super) fn talk(
        &self,
        program: &str,
        arguments: &[&str],
    ) -> Result<Box<dyn Session>, Fault> {
        self.change(Path::new(program))?;
        let is_watchdog = arguments.first() == Some(&"watch-freeze");
        let mut answers = VecDeque::new();
        let name = if is_watchdog {
            answers.push_back("ready".to_owned());
            "watchdog".to_owned()
        } else {
            let podman = self.podman.borrow();
            let mut all = podman.containers.iter();
            let found = all.find(|(_, container)| arguments.contains(&container.id.as_str()));
            found.map(|(name, _)| name.clone()).unwrap_or_default()
        };
        if is_watchdog {
            self.note("watchdog starts".into());
        }
        Ok(Box::new(FakeSession {
            name,
            answers,
            journal: Rc::clone(&self.journal),
        }))
    }
}

fn failed(command: &str, stderr: &str) -> Fault {
    Fault::Program {
        command: command.to_owned(),
        status: 125,
        stderr: stderr.to_owned(),
    }
}

/// A client that understands what ours ask.
#[derive(Debug)]
struct FakeSession {
    name: String,
    answers: VecDeque<String>,
    journal: Rc<RefCell<Vec<String>>>,
}

impl Session for FakeSession {
    fn say(&mut self, line: &str) -> Result<(), Fault> {
        if let Some((_, mark)) = line
            .split_once("podman-btrfs-")
            .filter(|_| !line.contains("pg_backup"))
        {
            let number = mark.trim_end_matches(['\'', ';']);
            self.answers.push_back(format!("podman-btrfs-{number}"));
            return Ok(());
        }
        let answer = match line {
            "SHOW server_version_num;" => Some("170002"),
            _ if line.starts_with("SELECT pg_backup_start") => Some("0/3000028"),
            _ if line.starts_with("SELECT lsn") => Some("0/3000100"),
            "SELECT @@GLOBAL.gtid_binlog_pos;" => Some("0-1-7"),
            _ => None,
        };
        self.answers.extend(answer.map(str::to_owned));
        self.journal
            .borrow_mut()
            .push(format!("{}: {line}", self.name));
        Ok(())
    }

    fn hear(&mut self, _: Duration) -> Line {
        let answer = self.answers.pop_front();
        answer.map_or_else(|| Line::Ended("nothing to say".into()), Line::Said)
    }

    fn end(&mut self, _: Duration) -> bool {
        true
    }
}
