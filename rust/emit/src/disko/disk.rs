//! The disks of one filesystem as disko's attributes.

use std::collections::BTreeMap;

use podman_btrfs_core::plan::{BootPartition, FilesystemPlan, Mount, Subvolume, SwapFile};
use podman_btrfs_core::spec::{Encryption, Media, Profile};
use podman_btrfs_core::units::{ByteSize, DevicePath, FilesystemName};

use super::PATH;
use super::names::{disk_name, mapper_name, partition_label};
use crate::EmitError;
use crate::nix_value::NixValue;
use crate::plain::plain;

/// A filesystem that an installation makes.
pub(super) struct Disks<'a> {
    pub(super) name: &'a FilesystemName,
    pub(super) filesystem: &'a FilesystemPlan,
    pub(super) devices: &'a [DevicePath],
    pub(super) encryption: Option<Encryption>,
}

impl Disks<'_> {
    /// disko's `disk` attributes.
    pub(super) fn values(&self) -> Result<Vec<(String, NixValue)>, EmitError> {
        let count = self.devices.len();
        let mut disks = Vec::new();
        for (index, device) in self.devices.iter().enumerate() {
            let number = index + 1;
            let name = disk_name(self.name, number, count);
            let mut partitions = Vec::new();
            let boot = self.filesystem.boot_partitions.iter();
            partitions.extend(
                boot.filter(|boot| boot.disk == *device)
                    .map(|boot| ("ESP".to_owned(), boot_partition(&name, boot))),
            );
            let btrfs = if number == count {
                Some(self.btrfs()?)
            } else {
                None
            };
            partitions.push(("data".to_owned(), self.data_partition(number, btrfs)));
            let content = NixValue::set([
                ("type", NixValue::text("gpt")),
                ("partitions", NixValue::Set(partitions)),
            ]);
            disks.push((
                name,
                NixValue::set([
                    ("type", NixValue::text("disk")),
                    ("device", NixValue::text(device.as_str())),
                    ("content", content),
                ]),
            ));
        }
        Ok(disks)
    }

    fn data_partition(&self, number: usize, btrfs: Option<NixValue>) -> NixValue {
        let disk = disk_name(self.name, number, self.devices.len());
        let mut attributes = vec![
            (
                "label".to_owned(),
                NixValue::text(partition_label(&disk, "data")),
            ),
            ("size".to_owned(), NixValue::text("100%")),
        ];
        let content = match self.encryption {
            Some(Encryption::Luks) => Some(self.luks(number, btrfs)),
            None => btrfs,
        };
        attributes.extend(content.map(|content| ("content".to_owned(), content)));
        NixValue::Set(attributes)
    }

    fn luks(&self, number: usize, btrfs: Option<NixValue>) -> NixValue {
        let name = mapper_name(self.name, number, self.devices.len());
        let mut attributes = vec![
            ("type".to_owned(), NixValue::text("luks")),
            ("name".to_owned(), NixValue::text(name)),
        ];
        // Discards let whoever holds the disk see how much of it is used and where; what they give in
        // return (speed and life of flash) a rotating disk, or one of unknown kind, does not need.
        if matches!(self.filesystem.media, Some(Media::Nvme | Media::Ssd)) {
            let settings = NixValue::set([("allowDiscards", NixValue::Bool(true))]);
            attributes.push(("settings".to_owned(), settings));
        }
        attributes.extend(btrfs.map(|content| ("content".to_owned(), content)));
        NixValue::Set(attributes)
    }

    fn btrfs(&self) -> Result<NixValue, EmitError> {
        let mut mounts: BTreeMap<&str, Vec<&Mount>> = BTreeMap::new();
        for mount in &self.filesystem.mounts {
            mounts
                .entry(mount.subvolume.as_str())
                .or_default()
                .push(mount);
        }
        let subvolumes = self
            .filesystem
            .subvolumes
            .iter()
            .filter(|subvolume| subvolume.role.is_mounted())
            .map(|subvolume| {
                let path = subvolume.path.as_str();
                let mounted = mounts.get(path).map_or(&[][..], Vec::as_slice);
                Ok((path.to_owned(), self.subvolume(subvolume, mounted)?))
            })
            .collect::<Result<_, EmitError>>()?;
        Ok(NixValue::set([
            ("type", NixValue::text("btrfs")),
            ("extraArgs", NixValue::list(self.mkfs_arguments()?)),
            ("subvolumes", NixValue::Set(subvolumes)),
        ]))
    }

    fn subvolume(&self, subvolume: &Subvolume, mounts: &[&Mount]) -> Result<NixValue, EmitError> {
        match mounts {
            [] => Ok(NixValue::Set(Vec::new())),
            [mount] => {
                // disko adds `subvol=` by itself, and would have it twice.
                let options = mount
                    .options
                    .iter()
                    .filter(|option| !option.starts_with("subvol="));
                let mut attributes = vec![
                    (
                        "mountpoint".to_owned(),
                        NixValue::text(mount.mount_point.as_str()),
                    ),
                    ("mountOptions".to_owned(), NixValue::list(options.cloned())),
                ];
                let swap = self.filesystem.swap.iter();
                attributes.extend(
                    swap.filter(|swap| swap.subvolume == subvolume.path)
                        .map(|swap| ("swap".to_owned(), swap_file(swap))),
                );
                Ok(NixValue::Set(attributes))
            }
            several => Err(EmitError::SeveralMounts {
                filesystem: self.name.to_string(),
                subvolume: subvolume.path.to_string(),
                count: several.len(),
            }),
        }
    }

    /// disko joins them without quoting, so each must be one word to a shell.
    fn mkfs_arguments(&self) -> Result<Vec<String>, EmitError> {
        let data = self.profile(self.filesystem.data_profile, "data profile")?;
        let metadata = self.profile(self.filesystem.metadata_profile, "metadata profile")?;
        let label = plain(PATH, "the label", &self.filesystem.label)?;
        let mut arguments: Vec<String> = ["--data", data, "--metadata", metadata, "--label", label]
            .map(str::to_owned)
            .into();
        let count = self.devices.len();
        for number in 1..count {
            let device = match self.encryption {
                Some(Encryption::Luks) => {
                    format!("/dev/mapper/{}", mapper_name(self.name, number, count))
                }
                None => {
                    let disk = disk_name(self.name, number, count);
                    format!("/dev/disk/by-partlabel/{}", partition_label(&disk, "data"))
                }
            };
            arguments.push(plain(PATH, "a partition", &device)?.to_owned());
        }
        Ok(arguments)
    }

    fn profile(
        &self,
        profile: Option<Profile>,
        missing: &'static str,
    ) -> Result<&'static str, EmitError> {
        profile
            .map(Profile::name)
            .ok_or_else(|| EmitError::Incomplete {
                artefact: PATH,
                subject: format!("filesystem `{}`", self.name),
                missing,
            })
    }
}

/// disko makes it with `btrfs filesystem mkswapfile`, which takes copy on write away from it.
fn swap_file(swap: &SwapFile) -> NixValue {
    let size = ByteSize::from_bytes(swap.size_bytes).to_string();
    let name = swap.path.as_str().rsplit('/').next().unwrap_or_default();
    NixValue::Set(vec![(
        name.to_owned(),
        NixValue::set([("size", NixValue::text(size))]),
    )])
}

fn boot_partition(disk: &str, boot: &BootPartition) -> NixValue {
    NixValue::set([
        ("label", NixValue::text(partition_label(disk, "esp"))),
        ("type", NixValue::text("EF00")),
        ("size", NixValue::text("1G")),
        (
            "content",
            NixValue::set([
                ("type", NixValue::text("filesystem")),
                ("format", NixValue::text("vfat")),
                ("mountpoint", NixValue::text(boot.mount_point.as_str())),
                ("mountOptions", NixValue::list(boot.options.clone())),
            ]),
        ),
    ])
}
