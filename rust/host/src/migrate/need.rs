//! What is to be moved, and why.

use std::path::Path;

use podman_btrfs_core::plan::Placement;
use podman_btrfs_core::spec::Compression;

use super::journal::Spot;
use super::{Mover, Stop};
use crate::ledger::Place;
use crate::marker::Marker;
use crate::system::{Fault, Identity, Node, NodeKind};

/// What is to be done about a volume.
pub(super) enum Need {
    /// Its data is to be moved.
    Move(Move),
    /// It is as planned.
    AsPlanned,
    /// There is no data.
    NothingThere,
}

/// What is to be moved.
pub(super) struct Move {
    /// Where it lies.
    pub(super) spot: Spot,
    /// Which directory it is.
    pub(super) identity: Identity,
    /// The identity that its marker says.
    pub(super) marker: Option<String>,
    /// Why, in words.
    pub(super) why: String,
}

fn refused<T>(because: String) -> Result<T, Stop> {
    Err(Stop::Refused(because))
}

impl Mover<'_> {
    /// Looks where the data lies, and what about it is not as planned.
    pub(super) fn need(&self) -> Result<Need, Stop> {
        let target = self.target()?;
        let there = self.system.look(&target)?;
        if let Some(node) = there
            && !is_directory(&node)
        {
            let place = &self.volume.place.path;
            return refused(format!("something that is no directory lies in {place}"));
        }
        let holds_data = there.is_some_and(|node| !node.is_empty);
        let elsewhere = self.elsewhere()?;
        if let Some(from) = &self.request.from
            && !self.is_same(from, &target)?
        {
            return self
                .outside(from, holds_data, elsewhere.as_ref())
                .map(Need::Move);
        }
        match (elsewhere, there) {
            (Some(place), _) if holds_data => refused(format!(
                "both {} and the planned {} hold data; find out which is the volume, and move the other one away",
                Spot::of(&place).shown(),
                self.volume.place.path
            )),
            (Some(place), _) => {
                let why = format!("it is planned in {}", self.volume.place.path);
                self.found(Spot::of(&place), why).map(Need::Move)
            }
            (None, Some(node)) if holds_data => self.in_place(&target, &node),
            (None, _) => Ok(Need::NothingThere),
        }
    }

    fn is_same(&self, one: &Path, other: &Path) -> Result<bool, Fault> {
        let found = self.system.identity(one)?;
        Ok(found.is_some() && found == self.system.identity(other)?)
    }

    /// Where the ledger has the data, when that is another place than the planned one, and something is there.
    fn elsewhere(&self) -> Result<Option<Place>, Stop> {
        let known = self
            .ledger
            .known(&self.volume.key, self.volume.former.as_deref());
        let Some((_, place)) = known.filter(|(_, place)| **place != self.volume.place) else {
            return Ok(None);
        };
        let node = self.system.look(&self.path(&Spot::of(place))?)?;
        Ok(node.filter(|node| !node.is_empty).map(|_| place.clone()))
    }

    fn found(&self, spot: Spot, why: String) -> Result<Move, Stop> {
        let path = self.path(&spot)?;
        let node = self.system.look(&path)?;
        if !node.as_ref().is_some_and(is_directory) {
            return refused(format!("{} is no directory", spot.shown()));
        }
        let unknown = || Fault::Unexpected(format!("{} is gone", spot.shown()));
        let identity = self.system.identity(&path)?.ok_or_else(unknown)?;
        // Of what others made nothing is asked that only our filesystems have.
        let marker = match &spot.filesystem {
            Some(_) => Marker::of(&path, self.system)?.map(|marker| marker.id),
            None => None,
        };
        Ok(Move {
            spot,
            identity,
            marker,
            why,
        })
    }

    fn outside(
        &self,
        from: &Path,
        holds_data: bool,
        elsewhere: Option<&Place>,
    ) -> Result<Move, Stop> {
        let Some(real) = self.system.resolve(from)? else {
            return refused(format!("nothing lies in {}", from.display()));
        };
        let Some(path) = real.to_str() else {
            return refused(format!("{} is no UTF-8; rename it first", real.display()));
        };
        if holds_data {
            let place = &self.volume.place.path;
            return refused(format!(
                "the planned {place} holds data, which would be replaced; move it away first, where it is nobody's"
            ));
        }
        if let Some(place) = elsewhere {
            let place = Spot::of(place).shown();
            return refused(format!(
                "the volume has data, in {place}: that is moved without `--from`"
            ));
        }
        for above in self.target()?.ancestors() {
            if self.is_same(&real, above)? {
                return refused(format!("the planned place lies in {path}"));
            }
        }
        let marker = Marker::of(&real, self.system)?;
        let declared = marker.and_then(|marker| {
            self.ledger
                .of_identity(&marker.id)
                .map(|(key, _)| key.to_owned())
        });
        if let Some(other) = declared.filter(|key| self.ledger.volumes.contains_key(key)) {
            return refused(format!("{path} is the volume {other}, which is declared"));
        }
        let spot = Spot {
            filesystem: None,
            path: path.to_owned(),
        };
        self.found(spot, "its data lies outside of what is planned".into())
    }

    /// What about the volume is not as planned, while it lies where it is planned.
    fn in_place(&self, target: &Path, node: &Node) -> Result<Need, Stop> {
        let planned = self.volume.planned;
        let mut why = Vec::new();
        match (planned.placement, node.kind) {
            (Placement::OwnSubvolume, NodeKind::Directory) => {
                why.push("it is a directory and no subvolume".to_owned());
            }
            (Placement::GroupDirectory, NodeKind::Subvolume) => {
                why.push("it is a subvolume, and not in the snapshots of its group".to_owned());
            }
            _ => {}
        }
        let nodatacow = !planned.copy_on_write;
        if self.system.is_nodatacow(target)? != nodatacow {
            let is = if nodatacow {
                "planned and not set"
            } else {
                "set and not planned"
            };
            why.push(format!("the nodatacow attribute is {is}"));
        } else if let Some(file) = self.system.first_otherwise(target, nodatacow)? {
            let name = file.strip_prefix(target).unwrap_or(&file).to_string_lossy();
            let is = if nodatacow {
                "has no nodatacow attribute"
            } else {
                "has the nodatacow attribute"
            };
            why.push(format!("`{}` in it {is}", name.escape_debug()));
        }
        let wanted = planned.compression.map(Compression::name);
        let found = self.system.compression(target)?;
        if found.as_deref() != wanted {
            let shown = |value: Option<&str>| value.unwrap_or("unset").to_owned();
            why.push(format!(
                "the compression property is {}, and {} is planned",
                shown(found.as_deref()),
                shown(wanted)
            ));
        }
        if why.is_empty() {
            return Ok(Need::AsPlanned);
        }
        self.found(Spot::of(&self.volume.place), why.join("; "))
            .map(Need::Move)
    }
}

fn is_directory(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Directory | NodeKind::Subvolume)
}
