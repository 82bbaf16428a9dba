//! Where each volume lies, kept from one run to the next: so that a volume whose planned place changed is not begun anew,
//! empty, beside its data.

use std::collections::BTreeMap;
use std::path::Path;

use podman_btrfs_core::plan::{Instance, Placement, Plan, VolumePlan};
use podman_btrfs_core::units::{FilesystemName, VolumeName, WorkloadName};
use serde::{Deserialize, Serialize};

use crate::system::{Fault, System, create_directories};

/// The version of the file's format.
const PLACES_VERSION: u32 = 1;

/// What is known of where volumes lie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Places {
    #[serde(rename = "placesVersion")]
    version: u32,
    /// By copy of a workload and volume: `shop/pgdata`. What is no longer declared stays, for its data does.
    volumes: BTreeMap<String, Place>,
    /// Why nothing is known, although something was kept.
    #[serde(skip)]
    unreadable: Option<String>,
}

/// Where one volume lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Place {
    /// On which filesystem.
    pub filesystem: FilesystemName,
    /// Below its top level.
    pub path: String,
}

/// A volume's place that is not to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// The volume, as `shop/pgdata`.
    pub volume: String,
    /// What is not made, below the top level: the volume's subvolume or directory.
    pub path: String,
    /// Why, and what to do about it.
    pub because: String,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            version: PLACES_VERSION,
            volumes: BTreeMap::new(),
            unreadable: None,
        }
    }
}

impl Places {
    /// Reads the file; none yet means that nothing was placed yet. What cannot be understood is not taken for nothing.
    pub fn read(system: &dyn System, file: &Path) -> Self {
        let understood = system.read(file).and_then(|text| match text {
            None => Ok(Self::default()),
            Some(text) => Self::parse(&text),
        });
        understood.unwrap_or_else(|fault| Self {
            unreadable: Some(format!("{}: {fault}", file.display())),
            ..Self::default()
        })
    }

    fn parse(text: &str) -> Result<Self, Fault> {
        let places: Self =
            serde_json::from_str(text).map_err(|error| Fault::Unexpected(error.to_string()))?;
        if places.version == PLACES_VERSION {
            return Ok(places);
        }
        let version = places.version;
        Err(Fault::Unexpected(format!(
            "it is of format {version}, and this is {PLACES_VERSION}"
        )))
    }

    /// Writes the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, system: &dyn System, file: &Path) -> Result<(), Fault> {
        if self.unreadable.is_some() {
            return Ok(());
        }
        if let Some(above) = file.parent() {
            create_directories(system, above)?;
        }
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| Fault::Unexpected(format!("places have no JSON form: {error}")))?;
        system.write(file, &(text + "\n"))
    }

    /// Volumes of a filesystem whose data lies elsewhere than planned now, while nothing is at the planned place.
    ///
    /// # Errors
    /// When a place cannot be looked at.
    pub(crate) fn held(
        &self,
        plan: &Plan,
        filesystem: &FilesystemName,
        top: &Path,
        system: &dyn System,
    ) -> Result<Vec<Held>, Fault> {
        let mut held = Vec::new();
        for (volume, former, planned) in volumes(plan, filesystem) {
            let place = place_of(&volume, planned);
            if system.look(&top.join(&place.path))?.is_some() {
                continue;
            }
            let known = self.known(&volume, former.as_deref());
            let path = first_missing(&place.path, planned, top, system)?;
            let because = match (&self.unreadable, known) {
                (Some(why), _) => unknown(why, &place),
                (None, Some(known)) if holds_data(known, filesystem, top, system)? => {
                    elsewhere(known, &place, &path, planned.placement)
                }
                (None, _) => continue,
            };
            held.push(Held {
                volume: volume.key(),
                path,
                because,
            });
        }
        Ok(held)
    }

    fn known(&self, volume: &Named, former: Option<&str>) -> Option<&Place> {
        let own = self.volumes.get(&volume.key());
        own.or_else(|| self.volumes.get(former?))
    }

    /// Takes note of the volumes that are where they are planned.
    ///
    /// # Errors
    /// When a place cannot be looked at.
    pub(crate) fn note(
        &mut self,
        plan: &Plan,
        filesystem: &FilesystemName,
        top: &Path,
        system: &dyn System,
    ) -> Result<(), Fault> {
        for (volume, former, planned) in volumes(plan, filesystem) {
            let place = place_of(&volume, planned);
            if system.look(&top.join(&place.path))?.is_none() {
                continue;
            }
            if let Some(former) = former {
                self.volumes.remove(&former);
            }
            self.volumes.insert(volume.key(), place);
        }
        Ok(())
    }
}

/// A volume of one copy of a workload.
struct Named<'a> {
    instance: &'a Instance,
    volume: &'a VolumeName,
}

impl Named<'_> {
    fn key(&self) -> String {
        format!("{}/{}", self.instance.name, self.volume)
    }

    /// The key that it had under the workload's former name.
    fn former(&self, name: &WorkloadName, former: &WorkloadName) -> Option<String> {
        let copy = self.instance.name.strip_prefix(name.as_str())?;
        Some(format!("{former}{copy}/{}", self.volume))
    }
}

fn volumes<'a>(
    plan: &'a Plan,
    filesystem: &'a FilesystemName,
) -> impl Iterator<Item = (Named<'a>, Option<String>, &'a VolumePlan)> {
    plan.workloads.iter().flat_map(move |(name, workload)| {
        workload.instances.iter().flat_map(move |instance| {
            let on_it = instance
                .volumes
                .iter()
                .filter(move |(_, planned)| planned.filesystem == *filesystem);
            on_it.map(move |(volume, planned)| {
                let named = Named { instance, volume };
                let former = workload.renamed_from.as_ref();
                let former = former.and_then(|former| named.former(name, former));
                (named, former, planned)
            })
        })
    })
}

fn place_of(named: &Named, planned: &VolumePlan) -> Place {
    let subvolume = planned.subvolume.as_str();
    let path = match planned.placement {
        Placement::GroupDirectory => format!("{subvolume}/{}", named.volume),
        Placement::OwnSubvolume => subvolume.to_owned(),
    };
    Place {
        filesystem: planned.filesystem.clone(),
        path,
    }
}

/// Whether something is at the place where it was. What is on another filesystem is not looked at and taken for there.
fn holds_data(
    known: &Place,
    filesystem: &FilesystemName,
    top: &Path,
    system: &dyn System,
) -> Result<bool, Fault> {
    if known.filesystem != *filesystem {
        return Ok(true);
    }
    let node = system.look(&top.join(&known.path))?;
    Ok(node.is_some_and(|node| !node.is_empty))
}

/// What is not made: the volume's directory, or the whole subvolume that is not there either, so that all of it can be
/// renamed at once.
fn first_missing(
    path: &str,
    planned: &VolumePlan,
    top: &Path,
    system: &dyn System,
) -> Result<String, Fault> {
    let subvolume = planned.subvolume.as_str();
    let missing = system.look(&top.join(subvolume))?.is_none();
    Ok(if missing { subvolume } else { path }.to_owned())
}

fn elsewhere(known: &Place, place: &Place, missing: &str, placement: Placement) -> String {
    let old = &known.path;
    let same_filesystem = known.filesystem == place.filesystem;
    let from = if same_filesystem {
        old.clone()
    } else {
        format!("{old} on the filesystem {}", known.filesystem)
    };
    // The volume's name is the last part of a directory's path, so a whole group is renamed by what comes before.
    let renamed = placement == Placement::GroupDirectory && missing != place.path;
    let new = &place.path;
    let remedy = match (old.rsplit_once('/'), new.rsplit_once('/')) {
        (Some((old_group, was)), Some((new_group, is)))
            if same_filesystem && renamed && was == is =>
        {
            format!("rename the subvolume {old_group} to {new_group}")
        }
        _ if placement == Placement::OwnSubvolume => {
            format!("make the subvolume {new} and move what is in {old} into it")
        }
        _ => format!("move {old} to {new}"),
    };
    format!(
        "its data lies in {from}, and an empty {new} would look like a loss; stop what uses it, {remedy}, and apply again; to \
         begin anew, move {old} away"
    )
}

fn unknown(why: &str, place: &Place) -> String {
    format!(
        "whether its data lies elsewhere is not known ({why}); where it is new, make {} by hand, or remove that file",
        place.path
    )
}
