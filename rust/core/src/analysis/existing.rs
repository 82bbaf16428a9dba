//! What follows from what a host has today: which mount comes first, where data lies, who is behind a mount.

use super::mount_options::{WholeOptions, holds_everywhere};
use super::{Facts, FilesystemFacts, VolumeFacts, WorkloadFacts};
use crate::option_path::OptionPath;
use crate::spec::{ExistingContent, ExistingMount, FilesystemType};
use crate::units::{HostPath, MountOption, SubvolumePath};

/// An existing mount with its place in the declaration.
#[derive(Clone, Copy)]
pub struct MountFacts<'s> {
    /// The filesystem.
    pub filesystem: &'s str,
    /// Where it is mounted.
    pub mount_point: &'s HostPath,
    /// As declared.
    pub declared: &'s ExistingMount,
}

/// Which of the existing mounts comes first: its options hold for all.
pub enum FirstMount<'s> {
    /// There is none.
    None,
    /// This one, at every boot.
    Known(MountFacts<'s>),
    /// One of these; nothing orders them.
    Open(Vec<MountFacts<'s>>),
}

/// Where the data of a volume lies today.
pub enum DataToday<'s> {
    /// On this mount of one of the declared filesystems.
    Mounted(MountFacts<'s>),
    /// On a filesystem of this type that is not declared.
    Elsewhere(FilesystemType),
    /// Nothing says.
    Unknown,
}

/// Where the system itself is: its configuration makes it again.
const SYSTEM: [&str; 9] = [
    "/",
    "/boot",
    "/etc",
    "/nix",
    "/nix/store",
    "/root",
    "/usr",
    "/var",
    "/var/log",
];

/// What NixOS mounts in the initial ram disk, whatever `neededForBoot` says (`lib/utils.nix`, `pathsNeededForBoot`).
const IN_INITIAL_RAM_DISK: [&str; 9] = [
    "/",
    "/nix",
    "/nix/store",
    "/var",
    "/var/log",
    "/var/lib",
    "/var/lib/nixos",
    "/etc",
    "/usr",
];

impl MountFacts<'_> {
    /// Its place in the declaration.
    #[must_use]
    pub fn at(&self) -> OptionPath {
        OptionPath::of(["filesystems", self.filesystem, "existing", "mounts"])
            .key(self.mount_point.as_str())
    }

    /// The place of its options; of the mount where it has none.
    #[must_use]
    pub fn options_at(&self) -> OptionPath {
        if self.declared.options.is_empty() {
            self.at()
        } else {
            self.at().key("options")
        }
    }

    /// What it asks for on the whole filesystem.
    #[must_use]
    pub fn whole_options(&self) -> WholeOptions {
        WholeOptions::of(self.declared.options.iter().map(MountOption::as_str))
    }

    /// True when it carries this option.
    #[must_use]
    pub fn has(&self, option: &str) -> bool {
        self.declared
            .options
            .iter()
            .any(|declared| declared.as_str() == option)
    }

    /// What lies there: as declared, or told by its names.
    #[must_use]
    pub fn holds(&self) -> ExistingContent {
        let subvolume = self.declared.subvolume.as_ref();
        let says = |words: &[&str]| {
            [
                Some(self.mount_point.as_str()),
                subvolume.map(SubvolumePath::as_str),
            ]
            .into_iter()
            .flatten()
            .flat_map(|name| name.split(|c: char| !c.is_ascii_alphanumeric()))
            .any(|word| words.contains(&word.to_ascii_lowercase().as_str()))
        };
        match self.declared.holds {
            Some(declared) => declared,
            None if says(&["snapshot", "snapshots"]) => ExistingContent::Snapshots,
            None if says(&["backup", "backups"]) => ExistingContent::Backups,
            None if SYSTEM.contains(&self.mount_point.as_str()) => ExistingContent::System,
            None => ExistingContent::Data,
        }
    }

    /// The mount point with its subvolume, for a message.
    #[must_use]
    pub fn named(&self) -> String {
        match &self.declared.subvolume {
            Some(subvolume) => format!("{} ({subvolume})", self.mount_point),
            None => self.mount_point.to_string(),
        }
    }

    /// True when this mount is made before `other` at every boot.
    fn precedes(&self, other: &Self) -> bool {
        let early = |mount: &Self| IN_INITIAL_RAM_DISK.contains(&mount.mount_point.as_str());
        self.mount_point != other.mount_point
            && (self.mount_point.contains(other.mount_point) || early(self) && !early(other))
    }
}

impl<'s> FilesystemFacts<'s> {
    /// Its existing mounts, by mount point.
    pub fn existing_mounts(&self) -> impl Iterator<Item = MountFacts<'s>> + use<'s> {
        let filesystem = self.name.as_str();
        let mounts = &self.declared.existing.mounts;
        mounts
            .iter()
            .map(move |(mount_point, declared)| MountFacts {
                filesystem,
                mount_point,
                declared,
            })
    }

    /// Which existing mount comes first: systemd makes a mount after those above it, the initial ram disk makes the
    /// system's before all others, and nothing orders the rest.
    #[must_use]
    pub fn first_mount(&self) -> FirstMount<'s> {
        let mounts: Vec<_> = self
            .existing_mounts()
            .filter(|mount| !mount.has("noauto"))
            .collect();
        let mut candidates: Vec<_> = mounts
            .iter()
            .filter(|mount| !mounts.iter().any(|other| other.precedes(mount)))
            .copied()
            .collect();
        match (candidates.pop(), candidates.is_empty()) {
            (None, _) => FirstMount::None,
            (Some(only), true) => FirstMount::Known(only),
            (Some(last), false) => {
                candidates.push(last);
                FirstMount::Open(candidates)
            }
        }
    }

    /// The mount whose options are in effect, where that is not in doubt: of mounts that nothing orders and that ask
    /// for the same, any.
    #[must_use]
    pub fn deciding_mount(&self) -> Option<MountFacts<'s>> {
        match self.first_mount() {
            FirstMount::None => None,
            FirstMount::Known(first) => Some(first),
            FirstMount::Open(candidates) => {
                let first = *candidates.first()?;
                candidates
                    .iter()
                    .all(|other| other.whole_options() == first.whole_options())
                    .then_some(first)
            }
        }
    }

    /// True when the plan mounts `/` of it, and so mounts it first.
    #[must_use]
    pub fn plan_mounts_root(&self) -> bool {
        self.declared.system == Some(true)
    }

    /// True when an existing mount comes first, so that its options are the ones in effect.
    #[must_use]
    pub fn follows_existing_options(&self) -> bool {
        !self.plan_mounts_root() && !matches!(self.first_mount(), FirstMount::None)
    }

    /// Names at the top level that existing mounts use, so that the plan takes others.
    #[must_use]
    pub fn free_name(&self, wanted: &str) -> String {
        let taken = |name: &str| {
            self.existing_mounts().any(|mount| {
                let subvolume = mount.declared.subvolume.as_ref();
                subvolume.is_some_and(|path| path.components().next() == Some(name))
            })
        };
        let mut name = wanted.to_owned();
        while taken(&name) {
            name = format!("@podman-{}", name.trim_start_matches('@'));
        }
        name
    }
}

impl<'s> Facts<'s> {
    /// All existing mounts of all filesystems.
    pub fn existing_mounts(&self) -> impl Iterator<Item = MountFacts<'s>> + '_ {
        self.filesystems
            .iter()
            .flat_map(FilesystemFacts::existing_mounts)
    }

    /// Where the data of a volume lies today; `None` where no such place is declared.
    #[must_use]
    pub fn data_today(&self, volume: &VolumeFacts<'s>) -> Option<DataToday<'s>> {
        let existing = volume.declared.existing.as_ref()?;
        let nearest = self
            .existing_mounts()
            .filter(|mount| mount.mount_point.contains(&existing.path))
            .max_by_key(|mount| mount.mount_point.as_str().len());
        Some(match (existing.filesystem_type, nearest) {
            (None | Some(FilesystemType::Btrfs), Some(mount)) => DataToday::Mounted(mount),
            (Some(other), _) => DataToday::Elsewhere(other),
            (None, None) => DataToday::Unknown,
        })
    }

    /// The volumes whose data lies on an existing mount today, with the positions of workload and volume.
    #[must_use]
    pub fn volumes_on(&self, mount: &MountFacts) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for (workload_index, workload) in self.workloads.iter().enumerate() {
            for (index, volume) in workload.volumes.iter().enumerate() {
                if let Some(DataToday::Mounted(on)) = self.data_today(volume)
                    && on.mount_point == mount.mount_point
                {
                    found.push((workload_index, index));
                }
            }
        }
        found
    }
}

/// Who writes a volume: its containers, or its workload where it has none.
#[must_use]
pub fn writers(workload: &WorkloadFacts, volume: &VolumeFacts) -> Vec<String> {
    if volume.declared.mounts.is_empty() {
        vec![workload.name.to_string()]
    } else {
        volume
            .declared
            .mounts
            .keys()
            .map(|name| name.as_str().to_owned())
            .collect()
    }
}

/// The options of a mount that hold for the whole filesystem, as they are written.
#[must_use]
pub fn written_whole_options(mount: &MountFacts) -> Vec<String> {
    mount
        .declared
        .options
        .iter()
        .map(MountOption::as_str)
        .filter(|option| holds_everywhere(option))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::analysis::analyse;
    use crate::analysis::existing::FirstMount;
    use crate::spec::input::parse_value;
    use serde_json::json;

    /// The mount points that may be first among these, with `noauto` on those that begin with `-`.
    fn first(mount_points: &[&str]) -> Vec<String> {
        let mounts: serde_json::Map<_, _> = mount_points
            .iter()
            .map(|point| match point.strip_prefix('-') {
                Some(point) => (point.to_owned(), json!({"options": ["noauto"]})),
                None => ((*point).to_owned(), json!({})),
            })
            .collect();
        let spec = parse_value(
            &json!({"filesystems": {"a": {"device": "/dev/a", "existing": {"mounts": mounts}}}}),
        )
        .unwrap();
        match analyse(&spec).filesystems[0].first_mount() {
            FirstMount::None => Vec::new(),
            FirstMount::Known(mount) => vec![mount.mount_point.to_string()],
            FirstMount::Open(mounts) => mounts
                .iter()
                .map(|mount| mount.mount_point.to_string())
                .collect(),
        }
    }

    #[test]
    fn the_root_comes_first_and_what_is_above_comes_before_what_is_below() {
        assert_eq!(first(&["/data", "/", "/nix"]), ["/"]);
        assert_eq!(first(&["/data/a", "/data", "/data/b"]), ["/data"]);
    }

    #[test]
    fn the_initial_ram_disk_comes_before_the_rest() {
        assert_eq!(first(&["/home", "/nix"]), ["/nix"]);
        assert_eq!(first(&["/nix", "/var/log"]), ["/nix", "/var/log"]);
    }

    #[test]
    fn what_is_side_by_side_or_not_mounted_at_boot_orders_nothing() {
        assert_eq!(first(&["/data/a", "/data/b"]), ["/data/a", "/data/b"]);
        assert_eq!(first(&["/data/a", "/data/ab"]), ["/data/a", "/data/ab"]);
        assert_eq!(first(&["-/", "/home"]), ["/home"]);
        assert!(first(&[]).is_empty());
    }
}
