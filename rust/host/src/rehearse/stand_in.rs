//! This machine, with stand-ins for accounts that only the planned host has.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::system::{
    Extents, Fault, Identity, Node, Printed, Printing, Probe, Put, Reading, Session, Survey,
    System, Users, Written,
};

/// User and group of every stand-in: the last of those for people (`login.defs(5)`).
const STAND_IN: (u32, u32) = (60_000, 60_000);

/// A machine on which every account exists.
pub(super) struct WithAccounts<'a> {
    machine: &'a dyn System,
    stood_in: RefCell<BTreeSet<String>>,
}

impl<'a> WithAccounts<'a> {
    pub(super) fn new(machine: &'a dyn System) -> Self {
        Self {
            machine,
            stood_in: RefCell::default(),
        }
    }

    /// The accounts that were asked for and that this machine does not have.
    pub(super) fn stood_in(&self) -> Vec<String> {
        self.stood_in.borrow().iter().cloned().collect()
    }
}

impl System for WithAccounts<'_> {
    fn account(&self, name: &str) -> Result<Option<(u32, u32)>, Fault> {
        let found = self.machine.account(name)?;
        if found.is_none() {
            self.stood_in.borrow_mut().insert(name.into());
        }
        Ok(found.or(Some(STAND_IN)))
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<Printed, Fault> {
        self.machine.run(program, arguments)
    }
    fn stream(&self, programs: &[&[&str]], see: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        self.machine.stream(programs, see)
    }
    fn print_below(
        &self,
        printing: &Printing<'_>,
        directory: &Path,
        name: &str,
    ) -> Result<Written, Fault> {
        self.machine.print_below(printing, directory, name)
    }
    fn remove_below(&self, directory: &Path, name: &str) -> Result<(), Fault> {
        self.machine.remove_below(directory, name)
    }
    fn replace_below(&self, directory: &Path, from: &str, to: &str) -> Result<(), Fault> {
        self.machine.replace_below(directory, from, to)
    }
    fn look(&self, path: &Path) -> Result<Option<Node>, Fault> {
        self.machine.look(path)
    }
    fn create_directory(&self, path: &Path) -> Result<(), Fault> {
        self.machine.create_directory(path)
    }
    fn create_subvolume(&self, path: &Path) -> Result<(), Fault> {
        self.machine.create_subvolume(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> Result<(), Fault> {
        self.machine.rename(from, to)
    }
    fn exchange(&self, one: &Path, other: &Path) -> Result<(), Fault> {
        self.machine.exchange(one, other)
    }
    fn create_snapshot(&self, source: &Path, place: &Path) -> Result<(), Fault> {
        self.machine.create_snapshot(source, place)
    }
    fn create_writable_snapshot(&self, source: &Path, place: &Path) -> Result<(), Fault> {
        self.machine.create_writable_snapshot(source, place)
    }
    fn put_below(
        &self,
        source: &Path,
        directory: &Path,
        name: &str,
        aside: &str,
    ) -> Result<Put, Fault> {
        self.machine.put_below(source, directory, name, aside)
    }
    fn differences_but_content(&self, source: &Path, copy: &Path) -> Result<Vec<String>, Fault> {
        self.machine.differences_but_content(source, copy)
    }
    fn delete_subvolume(&self, path: &Path) -> Result<(), Fault> {
        self.machine.delete_subvolume(path)
    }
    fn delete_directory(&self, path: &Path) -> Result<(), Fault> {
        self.machine.delete_directory(path)
    }
    fn marker(&self, path: &Path) -> Result<Option<String>, Fault> {
        self.machine.marker(path)
    }
    fn set_marker(&self, path: &Path, text: &str) -> Result<(), Fault> {
        self.machine.set_marker(path, text)
    }
    fn run_within(
        &self,
        program: &str,
        arguments: &[&str],
        environment: &[(String, String)],
        limit: Duration,
    ) -> Result<Printed, Fault> {
        self.machine
            .run_within(program, arguments, environment, limit)
    }
    fn session(
        &self,
        program: &str,
        arguments: &[&str],
        environment: &[(String, String)],
    ) -> Result<Box<dyn Session>, Fault> {
        self.machine.session(program, arguments, environment)
    }
    fn create_snapshots(&self, pairs: &[(PathBuf, PathBuf)]) -> Result<(), Fault> {
        self.machine.create_snapshots(pairs)
    }
    fn is_read_only(&self, path: &Path) -> Result<bool, Fault> {
        self.machine.is_read_only(path)
    }
    fn set_read_only(&self, path: &Path) -> Result<(), Fault> {
        self.machine.set_read_only(path)
    }
    fn uptime(&self) -> Duration {
        self.machine.uptime()
    }
    fn snapshot_record(&self, path: &Path) -> Result<Option<String>, Fault> {
        self.machine.snapshot_record(path)
    }
    fn set_snapshot_record(&self, path: &Path, text: &str) -> Result<(), Fault> {
        self.machine.set_snapshot_record(path, text)
    }
    fn clear_snapshot_record(&self, path: &Path) -> Result<(), Fault> {
        self.machine.clear_snapshot_record(path)
    }
    fn set_access(&self, path: &Path, mode: u32, uid: u32, gid: u32) -> Result<(), Fault> {
        self.machine.set_access(path, mode, uid, gid)
    }
    fn is_nodatacow(&self, path: &Path) -> Result<bool, Fault> {
        self.machine.is_nodatacow(path)
    }
    fn set_nodatacow(&self, path: &Path) -> Result<(), Fault> {
        self.machine.set_nodatacow(path)
    }
    fn compression(&self, path: &Path) -> Result<Option<String>, Fault> {
        self.machine.compression(path)
    }
    fn set_compression(&self, path: &Path, value: &str) -> Result<(), Fault> {
        self.machine.set_compression(path, value)
    }
    fn probe(&self, directory: &Path) -> Result<Probe, Fault> {
        self.machine.probe(directory)
    }
    fn append(&self, path: &Path, line: &str) -> Result<(), Fault> {
        self.machine.append(path, line)
    }
    fn takes_writes(&self, directory: &Path) -> Result<bool, Fault> {
        self.machine.takes_writes(directory)
    }
    fn read(&self, path: &Path) -> Result<Option<String>, Fault> {
        self.machine.read(path)
    }
    fn write(&self, path: &Path, text: &str) -> Result<(), Fault> {
        self.machine.write(path, text)
    }
    fn publish(&self, path: &Path, text: &str) -> Result<(), Fault> {
        self.machine.publish(path, text)
    }
    fn remove_file(&self, path: &Path) -> Result<(), Fault> {
        self.machine.remove_file(path)
    }
    fn resolve(&self, path: &Path) -> Result<Option<PathBuf>, Fault> {
        self.machine.resolve(path)
    }
    fn list(&self, path: &Path) -> Result<Option<Vec<String>>, Fault> {
        self.machine.list(path)
    }
    fn read_below(&self, directory: &Path, file: &str) -> Result<Option<String>, Fault> {
        self.machine.read_below(directory, file)
    }
    fn list_below(&self, directory: &Path, inside: &str) -> Result<Option<Vec<String>>, Fault> {
        self.machine.list_below(directory, inside)
    }
    fn device_numbers(&self, path: &Path) -> Result<Option<String>, Fault> {
        self.machine.device_numbers(path)
    }
    fn identity(&self, path: &Path) -> Result<Option<Identity>, Fault> {
        self.machine.identity(path)
    }
    fn survey(&self, root: &Path) -> Result<Survey, Fault> {
        self.machine.survey(root)
    }
    fn read_through(&self, root: &Path) -> Result<Reading, Fault> {
        self.machine.read_through(root)
    }
    fn differences(&self, source: &Path, copy: &Path) -> Result<Vec<String>, Fault> {
        self.machine.differences(source, copy)
    }
    fn first_otherwise(&self, root: &Path, nodatacow: bool) -> Result<Option<PathBuf>, Fault> {
        self.machine.first_otherwise(root, nodatacow)
    }
    fn extents(&self, place: &Path, subvolume: u64) -> Result<Option<Extents>, Fault> {
        self.machine.extents(place, subvolume)
    }
    fn users(&self, root: &Path) -> Result<Users, Fault> {
        self.machine.users(root)
    }
    fn pause(&self, time: Duration) {
        self.machine.pause(time);
    }
    fn now(&self) -> u64 {
        self.machine.now()
    }
}
