//! What lies at a target is received, all of it, where there is room, and compared with what is here.

use std::path::{Path, PathBuf};

use super::run::Run;
use super::{Drill, Kind, content, stage};
use crate::copies;
use crate::observe::usage;
use crate::remote::{Remote as _, Target, is_same};
use crate::restore::catalogue::Holder;
use crate::stop::Stop;
use crate::system::Fault;

impl Run<'_, '_> {
    /// Receives one, all of it; where it lies then, or `None` where that went wrong, which was told.
    pub(super) fn receive(
        &self,
        target: &Target<'_>,
        holder: &Holder,
        name: &str,
        drill: &mut Drill,
        told: &mut dyn FnMut(&str),
    ) -> Result<Option<PathBuf>, Stop> {
        let directory = self.directory(&holder.filesystem)?;
        if !self.has_room(target, holder, name, drill)? {
            return Ok(None);
        }
        let into = directory.join(stage::received(self.id));
        if self.restorer.system.look(&into)?.is_none() {
            self.restorer.system.create_directory(&into)?;
        }
        told(&format!("receiving {name}, all of it"));
        // Without a parent here: what lies there is what is to be proven.
        let received = match target.fetch(name, &into, None) {
            Ok(received) => received,
            Err(fault) => {
                drill.found(why_not_received(&fault), None, format!("{name}: {fault}"));
                return Ok(None);
            }
        };
        self.compare(target, holder, (name, &received), drill)?;
        Ok(Some(received))
    }

    fn has_room(
        &self,
        target: &Target<'_>,
        holder: &Holder,
        name: &str,
        drill: &mut Drill,
    ) -> Result<bool, Stop> {
        let bytes = match target.size(name, None) {
            Ok(bytes) => bytes,
            Err(fault) => {
                drill.found(why_not_received(&fault), None, format!("{name}: {fault}"));
                return Ok(false);
            }
        };
        let top = self.restorer.top(&holder.filesystem)?.to_string_lossy();
        let space = usage::look(self.restorer.system, &top)?;
        let planned = self.restorer.filesystem(&holder.filesystem)?.reserve_bytes;
        let inside = space.data.iter();
        let inside: u64 = inside.map(|all| all.size.saturating_sub(all.used)).sum();
        let room = inside.saturating_add(space.room());
        let left = room.saturating_sub(space.wanted(planned));
        if bytes <= left {
            return Ok(true);
        }
        let message = format!(
            "{name} is about {}, and {} takes {} without going below its reserve: nothing was received",
            copies::size(bytes),
            holder.filesystem,
            copies::size(left)
        );
        drill.found(Kind::NoRoom, None, message);
        Ok(false)
    }

    /// With the same snapshot here, where there is one.
    fn compare(
        &self,
        target: &Target<'_>,
        holder: &Holder,
        (name, received): (&str, &Path),
        drill: &mut Drill,
    ) -> Result<(), Stop> {
        let listed = self.restorer.listed(&holder.filesystem)?;
        let directory = self.restorer.snapshots(&holder.filesystem)?;
        let here = listed.get(&format!("{directory}/{name}"));
        let there = target.list()?.into_iter().find(|one| one.name == name);
        if let (Some(here), Some(there)) = (here, there)
            && is_same(here, &there)
        {
            let place = self.directory(&holder.filesystem)?.join(name);
            content::compare(
                self.restorer.system,
                &holder.series,
                (&place, received),
                drill,
            );
        } else {
            drill.notes.push(format!(
                "{name} is not on this host any more: it was read, and there is nothing to compare it with"
            ));
        }
        Ok(())
    }
}

/// A target that went away in the middle, one with damage, or anything else.
fn why_not_received(fault: &Fault) -> Kind {
    match fault {
        Fault::Absent { .. } => Kind::Absent,
        Fault::ProgramMissing { .. }
        | Fault::Program { .. }
        | Fault::File { .. }
        | Fault::Unexpected(_) => {
            if fault.to_string().contains("Input/output error") {
                Kind::Damaged
            } else {
                Kind::NotReceived
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_something_was_not_received_is_told_apart() {
        let program = |stderr: &str| Fault::Program {
            command: "btrfs send".into(),
            status: 1,
            stderr: stderr.into(),
        };
        let damaged = program("ERROR: send ioctl failed with -5: Input/output error");
        assert_eq!(why_not_received(&damaged), Kind::Damaged);
        assert_eq!(why_not_received(&program("x")), Kind::NotReceived);
        let absent = Fault::Absent {
            what: "nas".into(),
            why: "x".into(),
        };
        assert_eq!(why_not_received(&absent), Kind::Absent);
    }
}
