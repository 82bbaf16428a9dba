//! What stands where in the containers of a workload.

use super::WorkloadFacts;
use crate::option_path::OptionPath;
use crate::units::{ContainerName, ContainerPath};

/// One mount of one container.
pub struct Place<'s> {
    /// The container.
    pub container: &'s ContainerName,
    /// The path in it.
    pub path: &'s ContainerPath,
    /// The volume: its name, with its workload's before it where that is another one.
    pub volume: String,
    /// Whether the container only reads it.
    pub read_only: bool,
    /// The option that says so.
    pub at: OptionPath,
}

impl Place<'_> {
    /// True when the other mount lies at or below this one.
    #[must_use]
    pub fn holds(&self, other: &Self) -> bool {
        self.container == other.container && self.path.contains(other.path)
    }
}

impl<'s> WorkloadFacts<'s> {
    /// All mounts, by container and path; what contains another stands before it.
    #[must_use]
    pub fn places(&self) -> Vec<Place<'s>> {
        let mut places: Vec<Place<'s>> = self.own_places().chain(self.used_places()).collect();
        places.sort_by_key(|place| {
            (
                place.container,
                place.path.as_str().split('/').collect::<Vec<_>>(),
            )
        });
        places
    }

    fn own_places(&self) -> impl Iterator<Item = Place<'s>> {
        self.volumes.iter().flat_map(|volume| {
            let at = self.volume_at(volume).key("mounts");
            let (declared, name) = (volume.declared, volume.name);
            declared.mounts.iter().map(move |(container, path)| Place {
                container,
                path,
                volume: name.to_string(),
                read_only: declared.read_only_in.contains(container),
                at: at.key(container.as_str()),
            })
        })
    }

    fn used_places(&self) -> impl Iterator<Item = Place<'s>> {
        self.declared.uses.iter().flat_map(|(of, used)| {
            let at = self.at().key("uses").key(of.to_string()).key("mounts");
            used.mounts.iter().map(move |(container, path)| Place {
                container,
                path,
                volume: of.to_string(),
                read_only: !used.writes(),
                at: at.key(container.as_str()),
            })
        })
    }
}

/// Each mount that lies below another one, with the nearest that contains it.
#[must_use]
pub fn nested<'p, 's>(places: &'p [Place<'s>]) -> Vec<(&'p Place<'s>, &'p Place<'s>)> {
    let mut found = Vec::new();
    let mut above: Vec<&Place> = Vec::new();
    for place in places {
        while above.last().is_some_and(|outer| !outer.holds(place)) {
            above.pop();
        }
        if let Some(outer) = above.last().filter(|outer| outer.path != place.path) {
            found.push((*outer, place));
        }
        above.push(place);
    }
    found
}
