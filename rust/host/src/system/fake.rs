//! A machine in memory, for injecting failures: it ends each call that changes something with a fault
//! from a chosen one on. What Btrfs really does is shown by the tests on a real one, not here.

mod podman;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{
    Extents, Fault, Identity, Node, NodeKind, Printed, Printing, Probe, Put, Reading, Session,
    Survey, System, Users, Written,
};

use self::podman::FakePodman;

/// A machine in memory.
#[derive(Debug, Default)]
pub struct FakeSystem {
    nodes: RefCell<BTreeMap<PathBuf, FakeNode>>,
    mounted: RefCell<Vec<String>>,
    quota: Cell<bool>,
    changes: Cell<usize>,
    identities: Cell<u128>,
    /// The state of each unit.
    units: RefCell<BTreeMap<String, String>>,
    /// Units that do not come up.
    broken: RefCell<Vec<String>>,
    fails_from: Cell<Option<usize>>,
    fails_at: Cell<Option<usize>>,
    podman: RefCell<FakePodman>,
    journal: Rc<RefCell<Vec<String>>>,
    elapsed: Cell<Duration>,
}

#[derive(Clone, Debug)]
struct FakeNode {
    kind: NodeKind,
    access: (u32, u32, u32),
    nodatacow: bool,
    compression: Option<String>,
    limit: Option<u64>,
    text: String,
    marker: Option<String>,
    record: Option<String>,
    read_only: bool,
    /// No other node's, whatever its name is.
    number: u64,
}

/// How many nodes there were.
static NODES: AtomicU64 = AtomicU64::new(1);

impl FakeSystem {
    /// A machine where only these directories are.
    #[must_use]
    pub fn with_directories(paths: &[&str]) -> Self {
        let system = Self::default();
        for path in paths {
            system
                .nodes
                .borrow_mut()
                .insert(path.into(), FakeNode::new(NodeKind::Directory));
        }
        system
    }

    /// From the `count`th change on (counted from 1), every change fails; `None`: none does.
    pub fn fail_from(&self, count: Option<usize>) {
        self.changes.set(0);
        self.fails_from.set(count);
    }

    /// The `count`th change fails (counted from 1), and no other one.
    pub fn fail_at(&self, count: Option<usize>) {
        self.changes.set(0);
        self.fails_at.set(count);
    }

    /// How many changes were asked for since [`Self::fail_from`].
    #[must_use]
    pub fn changes(&self) -> usize {
        self.changes.get()
    }

    /// All paths, each with its kind and attributes, one line each.
    #[must_use]
    pub fn listing(&self) -> String {
        let nodes = self.nodes.borrow();
        let line = |(path, node): (&PathBuf, &FakeNode)| {
            format!(
                "{} {:?} {:o} {}:{} nodatacow={} compression={:?} limit={:?}\n",
                path.display(),
                node.kind,
                node.access.0,
                node.access.1,
                node.access.2,
                node.nodatacow,
                node.compression,
                node.limit
            )
        };
        nodes.iter().map(line).collect()
    }

    /// A unit in a state, as `systemctl` calls it.
    pub fn put_unit(&self, name: &str, state: &str) {
        let mut units = self.units.borrow_mut();
        units.insert(name.to_owned(), state.to_owned());
    }

    /// The state of a unit.
    #[must_use]
    pub fn unit(&self, name: &str) -> Option<String> {
        self.units.borrow().get(name).cloned()
    }

    /// A unit that does not come up any more.
    pub fn break_unit(&self, name: &str) {
        self.broken.borrow_mut().push(name.to_owned());
    }

    /// Puts a file with a text there.
    pub fn put_text(&self, path: &str, text: &str) {
        let node = FakeNode {
            text: text.into(),
            ..FakeNode::new(NodeKind::File)
        };
        self.nodes.borrow_mut().insert(path.into(), node);
    }

    /// Puts a file there, so that its directory is not empty.
    pub fn put_file(&self, path: &str) {
        self.nodes
            .borrow_mut()
            .insert(path.into(), FakeNode::new(NodeKind::File));
    }

    fn change(&self, path: &Path) -> Result<(), Fault> {
        self.changes.set(self.changes.get() + 1);
        if self
            .fails_from
            .get()
            .is_some_and(|from| self.changes.get() >= from)
            || self.fails_at.get() == Some(self.changes.get())
        {
            let source = std::io::Error::other("injected");
            return Err(Fault::File {
                what: "change",
                path: path.to_owned(),
                source,
            });
        }
        Ok(())
    }

    fn update<T>(&self, path: &Path, with: impl FnOnce(&mut FakeNode) -> T) -> Result<T, Fault> {
        let mut nodes = self.nodes.borrow_mut();
        nodes
            .get_mut(path)
            .map(with)
            .ok_or_else(|| Fault::Unexpected(format!("no {}", path.display())))
    }

    fn create(&self, path: &Path, kind: NodeKind) -> Result<(), Fault> {
        self.change(path)?;
        let above = path.parent().unwrap_or(Path::new("/"));
        let mut nodes = self.nodes.borrow_mut();
        if !nodes.contains_key(above) || nodes.contains_key(path) {
            return Err(Fault::Unexpected(format!(
                "cannot create {}",
                path.display()
            )));
        }
        nodes.insert(path.to_owned(), FakeNode::new(kind));
        Ok(())
    }

    /// Takes what is at a path and in it away.
    fn take_tree(&self, path: &Path) -> Result<Vec<(PathBuf, FakeNode)>, Fault> {
        let mut nodes = self.nodes.borrow_mut();
        let paths: Vec<_> = nodes
            .keys()
            .filter(|other| other.starts_with(path))
            .cloned()
            .collect();
        let taken: Vec<_> = paths
            .into_iter()
            .filter_map(|path| nodes.remove_entry(&path))
            .collect();
        if taken.is_empty() {
            return Err(Fault::Unexpected(format!("no {}", path.display())));
        }
        Ok(taken)
    }

    fn put_tree(&self, tree: Vec<(PathBuf, FakeNode)>, from: &Path, to: &Path) {
        let mut nodes = self.nodes.borrow_mut();
        for (path, node) in tree {
            // Joining nothing would leave a slash at the end.
            let below = path.strip_prefix(from).unwrap_or(&path);
            let path = to.join(below).components().collect();
            nodes.insert(path, node);
        }
    }

    /// What `btrfs subvolume list -a` prints of what lies below a place.
    fn subvolume_list(&self, arguments: &[&str]) -> Printed {
        let place = Path::new(arguments.last().copied().unwrap_or_default());
        let only_read_only = arguments.contains(&"-r");
        let nodes = self.nodes.borrow();
        let inside = nodes.iter().filter(|(path, node)| {
            node.kind == NodeKind::Subvolume
                && (node.read_only || !only_read_only)
                && path.starts_with(place)
        });
        let line = |(path, node): (&PathBuf, &FakeNode)| {
            let below = path.strip_prefix(place).unwrap_or(path).display();
            let number = node.number + 256;
            if only_read_only {
                return format!("ID {number} gen 1 top level 5 path {below}\n");
            }
            format!(
                "ID {number} gen 1 parent 5 top level 5 parent_uuid - received_uuid - uuid {number} path {below}\n"
            )
        };
        Printed {
            stdout: inside.map(line).collect(),
            stderr: String::new(),
        }
    }

    fn systemctl(&self, arguments: &[&str]) -> Result<Printed, Fault> {
        let names = arguments.iter().skip_while(|word| **word != "--").skip(1);
        let verb = arguments.first().copied().unwrap_or_default();
        let mut stdout = String::new();
        // What only tells or forgets is no change.
        if verb == "reset-failed" {
            return Ok(Printed::default());
        }
        if verb != "show" {
            self.note(format!("systemctl {}", arguments.join(" ")));
        }
        for name in names {
            let known = self.unit(name);
            if verb == "show" {
                let state = known.as_deref().unwrap_or("inactive");
                let block = format!("Id={name}\nLoadState=loaded\nActiveState={state}\n\n");
                stdout.push_str(&block);
                continue;
            }
            self.change(Path::new(name))?;
            if !self.control_container(name, verb) {
                self.put_unit(name, "failed");
                continue;
            }
            if verb == "start" && self.broken.borrow().iter().any(|broken| broken == name) {
                self.put_unit(name, "failed");
                return Err(Fault::Program {
                    command: "systemctl".into(),
                    status: 1,
                    stderr: format!("Job for {name} failed."),
                });
            }
            let state = if verb == "start" {
                "active"
            } else {
                "inactive"
            };
            self.put_unit(name, state);
        }
        Ok(Printed {
            stdout,
            stderr: String::new(),
        })
    }

    /// Copies what is in a tree into another one.
    fn copy_into(&self, source: &Path, copy: &Path) -> Result<(), Fault> {
        self.change(copy)?;
        let nodes = self.nodes.borrow();
        let nodatacow = nodes.get(copy).is_some_and(|node| node.nodatacow);
        let own = nodes.get(copy).cloned();
        let inside: Vec<_> = nodes
            .iter()
            .filter(|(path, _)| path.starts_with(source))
            .map(|(path, node)| {
                let copied = FakeNode {
                    nodatacow,
                    ..node.clone()
                };
                (path.clone(), copied)
            })
            .collect();
        drop(nodes);
        self.put_tree(inside, source, copy);
        if let (Some(own), Some(node)) = (own, self.nodes.borrow_mut().get_mut(copy)) {
            let access = node.access;
            *node = FakeNode { access, ..own };
        }
        Ok(())
    }

    fn snapshot(&self, source: &Path, place: &Path, read_only: bool) -> Result<(), Fault> {
        self.change(place)?;
        let nodes = self.nodes.borrow();
        let nested: Vec<PathBuf> = nodes
            .iter()
            .filter(|(path, node)| {
                node.kind == NodeKind::Subvolume && *path != source && path.starts_with(source)
            })
            .map(|(path, _)| path.clone())
            .collect();
        // In place of a nested subvolume there is an empty directory.
        let tree: Vec<_> = nodes
            .iter()
            .filter(|(path, _)| path.starts_with(source))
            .filter(|(path, _)| !nested.iter().any(|of| path.starts_with(of) && *path != of))
            .map(|(path, node)| {
                let mut node = node.clone();
                if nested.contains(path) {
                    node = FakeNode::new(NodeKind::Directory);
                }
                if path == source {
                    node.number = FakeNode::new(NodeKind::Subvolume).number;
                    node.read_only = read_only;
                }
                (path.clone(), node)
            })
            .collect();
        drop(nodes);
        if tree.is_empty() {
            return Err(Fault::Unexpected(format!("no {}", source.display())));
        }
        self.put_tree(tree, source, place);
        Ok(())
    }

    fn qgroup_show(&self, path: &str) -> Result<Printed, Fault> {
        if !self.quota.get() {
            let stderr = "ERROR: can't list qgroups: quotas not enabled".into();
            return Err(Fault::Program {
                command: "btrfs qgroup show".into(),
                status: 1,
                stderr,
            });
        }
        let limit = self.update(Path::new(path), |node| node.limit)?;
        let limit = limit.map_or_else(|| "none".into(), |limit| limit.to_string());
        Ok(Printed {
            stdout: format!("0/257 1 1 {limit} x\n"),
            stderr: String::new(),
        })
    }
}

impl FakeNode {
    fn new(kind: NodeKind) -> Self {
        Self {
            kind,
            access: (0o700, 0, 0),
            nodatacow: false,
            compression: None,
            limit: None,
            text: String::new(),
            marker: None,
            record: None,
            read_only: false,
            number: NODES.fetch_add(1, Ordering::Relaxed),
        }
    }
}

impl System for FakeSystem {
    fn run(&self, program: &str, arguments: &[&str]) -> Result<Printed, Fault> {
        let last = arguments.last().copied().unwrap_or_default();
        match (program, arguments) {
            ("findmnt", [_, "--mountpoint", point]) => {
                if self.mounted.borrow().iter().any(|mounted| mounted == point) {
                    return Ok(Printed::default());
                }
                Err(Fault::Program {
                    command: "findmnt".into(),
                    status: 1,
                    stderr: String::new(),
                })
            }
            ("findmnt", _) => Ok(Printed {
                stdout: "fake-uuid\n".into(),
                stderr: String::new(),
            }),
            ("mount", _) => {
                self.change(Path::new(last))?;
                self.mounted.borrow_mut().push(last.into());
                Ok(Printed::default())
            }
            ("umount", _) => {
                self.change(Path::new(last))?;
                self.mounted.borrow_mut().retain(|mounted| mounted != last);
                Ok(Printed::default())
            }
            ("btrfs", ["quota", ..]) => {
                self.change(Path::new(last))?;
                self.quota.set(true);
                Ok(Printed::default())
            }
            ("btrfs", ["subvolume", "list", ..]) => Ok(self.subvolume_list(arguments)),
            ("setpriv", [.., "--version"]) => Ok(Printed::default()),
            ("systemctl", _) => self.systemctl(arguments),
            ("podman", ["container", "exists", ..]) => Err(Fault::Program {
                command: "podman container exists".into(),
                status: 1,
                stderr: String::new(),
            }),
            ("setpriv", [.., source, copy]) => {
                self.copy_into(
                    Path::new(source.trim_end_matches('/')),
                    Path::new(copy.trim_end_matches('/')),
                )?;
                Ok(Printed::default())
            }
            ("btrfs", ["qgroup", "show", ..]) => self.qgroup_show(last),
            ("btrfs", ["qgroup", "limit", _, bytes, path]) => {
                self.change(Path::new(path))?;
                self.update(Path::new(path), |node| node.limit = bytes.parse().ok())?;
                Ok(Printed::default())
            }
            ("btrfs", ["filesystem", "sync", ..]) => {
                self.change(Path::new(last))?;
                Ok(Printed::default())
            }
            ("btrfs", ["subvolume", "show", ..]) => self.generations(last),
            ("podman" | "flock" | "runuser" | "getent" | "systemd-run", _) => {
                self.run_podman(program, arguments)
            }
            _ => Err(Fault::ProgramMissing {
                program: program.into(),
            }),
        }
    }

    fn run_within(
        &self,
        program: &str,
        arguments: &[&str],
        _: &[(String, String)],
        _: Duration,
    ) -> Result<Printed, Fault> {
        self.run(program, arguments)
    }

    fn session(
        &self,
        program: &str,
        arguments: &[&str],
        _: &[(String, String)],
    ) -> Result<Box<dyn Session>, Fault> {
        self.talk(program, arguments)
    }

    fn stream(&self, programs: &[&[&str]], _see: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        let source = programs.first().and_then(|words| words.first());
        Err(Fault::ProgramMissing {
            program: source.copied().unwrap_or_default().into(),
        })
    }

    fn print_below(
        &self,
        printing: &Printing<'_>,
        directory: &Path,
        name: &str,
    ) -> Result<Written, Fault> {
        self.print(printing, &directory.join(name))
    }

    fn remove_below(&self, directory: &Path, name: &str) -> Result<(), Fault> {
        let place = directory.join(name);
        if self.nodes.borrow().contains_key(&place) {
            self.change(&place)?;
        }
        self.remove_file(&place)
    }

    fn replace_below(&self, directory: &Path, from: &str, to: &str) -> Result<(), Fault> {
        let (from, to) = (directory.join(from), directory.join(to));
        self.change(&from)?;
        self.remove_file(&to)?;
        self.put_tree(self.take_tree(&from)?, &from, &to);
        Ok(())
    }

    fn look(&self, path: &Path) -> Result<Option<Node>, Fault> {
        let nodes = self.nodes.borrow();
        let is_empty = !nodes.keys().any(|other| other.parent() == Some(path));
        Ok(nodes.get(path).map(|node| {
            let (mode, uid, gid) = node.access;
            Node {
                kind: node.kind,
                is_empty,
                mode,
                uid,
                gid,
            }
        }))
    }

    fn create_directory(&self, path: &Path) -> Result<(), Fault> {
        self.create(path, NodeKind::Directory)
    }

    fn create_subvolume(&self, path: &Path) -> Result<(), Fault> {
        self.create(path, NodeKind::Subvolume)
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), Fault> {
        self.change(from)?;
        if self.nodes.borrow().contains_key(to) {
            return Err(Fault::Unexpected(format!("{} is there", to.display())));
        }
        self.put_tree(self.take_tree(from)?, from, to);
        Ok(())
    }

    fn exchange(&self, one: &Path, other: &Path) -> Result<(), Fault> {
        self.change(one)?;
        let (first, second) = (self.take_tree(one)?, self.take_tree(other)?);
        self.put_tree(first, one, other);
        self.put_tree(second, other, one);
        Ok(())
    }

    fn create_snapshot(&self, source: &Path, place: &Path) -> Result<(), Fault> {
        self.snapshot(source, place, true)
    }

    fn create_writable_snapshot(&self, source: &Path, place: &Path) -> Result<(), Fault> {
        self.snapshot(source, place, false)
    }

    fn put_below(
        &self,
        source: &Path,
        directory: &Path,
        name: &str,
        aside: &str,
    ) -> Result<Put, Fault> {
        let place = directory.join(name);
        let had = self.nodes.borrow().contains_key(&place);
        if had {
            self.rename(&place, &place.with_file_name(aside))?;
        }
        self.copy_into(source, &place)?;
        Ok(if had { Put::Beside } else { Put::New })
    }

    fn create_snapshots(&self, pairs: &[(PathBuf, PathBuf)]) -> Result<(), Fault> {
        for (source, place) in pairs {
            self.snapshot(source, place, false)?;
            self.note(format!("snapshot {}", source.display()));
        }
        Ok(())
    }

    fn set_read_only(&self, path: &Path) -> Result<(), Fault> {
        self.change(path)?;
        self.update(path, |node| node.read_only = true)
    }

    fn is_read_only(&self, path: &Path) -> Result<bool, Fault> {
        self.update(path, |node| node.read_only)
    }

    fn delete_subvolume(&self, path: &Path) -> Result<(), Fault> {
        self.change(path)?;
        self.take_tree(path).map(drop)
    }

    fn delete_directory(&self, path: &Path) -> Result<(), Fault> {
        self.change(path)?;
        self.take_tree(path).map(drop)
    }

    fn marker(&self, path: &Path) -> Result<Option<String>, Fault> {
        self.update(path, |node| node.marker.clone())
    }

    fn set_marker(&self, path: &Path, text: &str) -> Result<(), Fault> {
        self.change(path)?;
        self.update(path, |node| node.marker = Some(text.into()))
    }

    fn snapshot_record(&self, path: &Path) -> Result<Option<String>, Fault> {
        self.update(path, |node| node.record.clone())
    }

    fn set_snapshot_record(&self, path: &Path, text: &str) -> Result<(), Fault> {
        self.change(path)?;
        self.update(path, |node| node.record = Some(text.into()))
    }

    fn clear_snapshot_record(&self, path: &Path) -> Result<(), Fault> {
        self.change(path)?;
        self.update(path, |node| node.record = None)
    }

    fn set_access(&self, path: &Path, mode: u32, uid: u32, gid: u32) -> Result<(), Fault> {
        self.change(path)?;
        self.update(path, |node| node.access.0 = mode)?;
        self.change(path)?;
        self.update(path, |node| node.access = (mode, uid, gid))
    }

    fn account(&self, name: &str) -> Result<Option<(u32, u32)>, Fault> {
        Ok((name != "nobody-here").then_some((1000, 100)))
    }

    fn is_nodatacow(&self, path: &Path) -> Result<bool, Fault> {
        self.update(path, |node| node.nodatacow)
    }

    fn set_nodatacow(&self, path: &Path) -> Result<(), Fault> {
        self.change(path)?;
        self.update(path, |node| node.nodatacow = true)
    }

    fn compression(&self, path: &Path) -> Result<Option<String>, Fault> {
        self.update(path, |node| node.compression.clone())
    }

    fn set_compression(&self, path: &Path, value: &str) -> Result<(), Fault> {
        self.change(path)?;
        self.update(path, |node| node.compression = Some(value.into()))
    }

    fn probe(&self, directory: &Path) -> Result<Probe, Fault> {
        self.update(directory, |node| Probe {
            nodatacow: node.nodatacow,
            compression: node.compression.clone(),
        })
    }

    fn takes_writes(&self, _directory: &Path) -> Result<bool, Fault> {
        Ok(true)
    }

    fn read(&self, path: &Path) -> Result<Option<String>, Fault> {
        if path.starts_with("/sys/fs/btrfs") {
            return Ok(self.quota.get().then(|| "squota\n".into()));
        }
        if path.ends_with("random/uuid") {
            self.identities.set(self.identities.get() + 1);
            return Ok(Some(format!("{:032x}\n", self.identities.get())));
        }
        Ok(self.nodes.borrow().get(path).map(|node| node.text.clone()))
    }

    fn write(&self, path: &Path, text: &str) -> Result<(), Fault> {
        self.change(path)?;
        let node = FakeNode {
            text: text.into(),
            ..FakeNode::new(NodeKind::File)
        };
        self.nodes.borrow_mut().insert(path.to_owned(), node);
        Ok(())
    }

    fn publish(&self, path: &Path, text: &str) -> Result<(), Fault> {
        self.write(path, text)
    }

    fn append(&self, path: &Path, line: &str) -> Result<(), Fault> {
        let before = self.read(path)?.unwrap_or_default();
        self.write(path, &format!("{before}{line}\n"))
    }

    fn remove_file(&self, path: &Path) -> Result<(), Fault> {
        self.nodes.borrow_mut().remove(path);
        Ok(())
    }

    fn resolve(&self, path: &Path) -> Result<Option<PathBuf>, Fault> {
        Ok(self
            .nodes
            .borrow()
            .contains_key(path)
            .then(|| path.to_owned()))
    }

    fn list(&self, path: &Path) -> Result<Option<Vec<String>>, Fault> {
        let nodes = self.nodes.borrow();
        let names = nodes
            .keys()
            .filter(|other| other.parent() == Some(path))
            .filter_map(|other| Some(other.file_name()?.to_string_lossy().into_owned()));
        Ok(nodes.contains_key(path).then(|| names.collect()))
    }

    fn read_below(&self, directory: &Path, file: &str) -> Result<Option<String>, Fault> {
        self.read(&directory.join(file))
    }

    fn list_below(&self, directory: &Path, inside: &str) -> Result<Option<Vec<String>>, Fault> {
        self.list(&directory.join(inside).components().collect::<PathBuf>())
    }

    fn device_numbers(&self, path: &Path) -> Result<Option<String>, Fault> {
        let nodes = self.nodes.borrow();
        Ok(nodes.get(path).map(|node| node.text.clone()))
    }

    fn identity(&self, path: &Path) -> Result<Option<Identity>, Fault> {
        let nodes = self.nodes.borrow();
        Ok(nodes.get(path).map(|node| Identity {
            filesystem: 1,
            inode: node.number,
            born_seconds: 0,
            born_nanoseconds: 0,
        }))
    }

    fn survey(&self, root: &Path) -> Result<Survey, Fault> {
        let nodes = self.nodes.borrow();
        let mut survey = Survey::default();
        for (_, node) in nodes.iter().filter(|(path, _)| path.starts_with(root)) {
            match node.kind {
                NodeKind::Subvolume | NodeKind::Directory => survey.directories += 1,
                NodeKind::File | NodeKind::Other => survey.files += 1,
            }
        }
        Ok(survey)
    }

    /// A file that holds `EIO` cannot be read.
    fn read_through(&self, root: &Path) -> Result<Reading, Fault> {
        let nodes = self.nodes.borrow();
        let mut reading = Reading::default();
        let inside = nodes.iter().filter(|(path, _)| path.starts_with(root));
        for (path, node) in inside.filter(|(_, node)| node.kind == NodeKind::File) {
            reading.files += 1;
            reading.bytes += u64::try_from(node.text.len()).unwrap_or(0);
            if node.text == "EIO" {
                let below = path.strip_prefix(root).unwrap_or(path);
                reading.note_damaged(below, &"Input/output error");
            }
        }
        reading.is_empty = !nodes
            .keys()
            .any(|path| path != root && path.starts_with(root));
        Ok(reading)
    }

    fn differences(&self, source: &Path, copy: &Path) -> Result<Vec<String>, Fault> {
        let nodes = self.nodes.borrow();
        let tree = |root: &Path| -> BTreeMap<PathBuf, String> {
            let inside = nodes.iter().filter_map(|(path, node)| {
                let below = path.strip_prefix(root).ok()?.to_owned();
                Some((below, format!("{} {:?}", node.text, node.access)))
            });
            inside.collect()
        };
        let (one, other) = (tree(source), tree(copy));
        let all = one.keys().chain(other.keys());
        let different = all.filter(|path| one.get(*path) != other.get(*path));
        Ok(different.map(|path| path.display().to_string()).collect())
    }

    fn differences_but_content(&self, source: &Path, copy: &Path) -> Result<Vec<String>, Fault> {
        self.differences(source, copy)
    }

    fn first_otherwise(&self, root: &Path, nodatacow: bool) -> Result<Option<PathBuf>, Fault> {
        let nodes = self.nodes.borrow();
        let mut files = nodes
            .iter()
            .filter(|(path, node)| path.starts_with(root) && node.kind == NodeKind::File);
        let found = files.find(|(_, node)| node.nodatacow != nodatacow);
        Ok(found.map(|(path, _)| path.clone()))
    }

    fn extents(&self, place: &Path, _subvolume: u64) -> Result<Option<Extents>, Fault> {
        let place = place.display();
        let why = format!("{place} is in memory, where no subvolume has a tree");
        Err(Fault::Unexpected(why))
    }

    fn users(&self, _root: &Path) -> Result<Users, Fault> {
        Ok(Users::default())
    }

    fn pause(&self, time: Duration) {
        self.elapsed.set(self.elapsed.get() + time);
    }

    fn now(&self) -> u64 {
        1_790_000_000 + self.elapsed.get().as_secs()
    }

    fn uptime(&self) -> Duration {
        self.elapsed.get()
    }
}
