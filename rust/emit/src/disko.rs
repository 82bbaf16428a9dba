//! `disko.nix`: what disko partitions, encrypts, formats and mounts.
//!
//! disko has no type for a Btrfs of several disks. What works (its own `luks-btrfs-raid` example): disks
//! are handled in the order of their attribute names, so all disks but the last get a partition without
//! content, and the Btrfs on the last one takes those partitions as further arguments of `mkfs.btrfs`.
//! Numbers with leading zeros make that order hold for ten disks and more.
//!
//! disko makes subvolumes at installation only; those that nobody mounts are `apply`'s.

mod disk;
mod names;

use podman_btrfs_core::plan::{FilesystemOrigin, Plan};

use self::disk::Disks;
pub use self::names::{disk_name, mapper_name, partition_label};
use crate::nix_text;
use crate::nix_value::NixValue;
use crate::{Artefact, EmitError};

pub(crate) const PATH: &str = "disko.nix";
const HEADER: &str = "# Written by podman-btrfs from its plan; disko formats new disks by it.\n";

/// `disko.nix`, where an installation makes a filesystem.
pub(crate) fn emit(plan: &Plan) -> Result<Vec<Artefact>, EmitError> {
    let Some(value) = attributes(plan)? else {
        return Ok(Vec::new());
    };
    Ok(vec![Artefact {
        path: PATH.into(),
        text: nix_text::write(PATH, HEADER, &value)?,
    }])
}

/// disko's attributes, from `disko` down, where an installation makes a filesystem.
pub(crate) fn attributes(plan: &Plan) -> Result<Option<NixValue>, EmitError> {
    let mut disks = Vec::new();
    for (name, filesystem) in &plan.filesystems {
        let FilesystemOrigin::New {
            disks: devices,
            encryption,
        } = &filesystem.origin
        else {
            continue;
        };
        let of_filesystem = Disks {
            name,
            filesystem,
            devices,
            encryption: *encryption,
        };
        disks.extend(of_filesystem.values()?);
    }
    if disks.is_empty() {
        return Ok(None);
    }
    Ok(Some(NixValue::set([(
        "disko",
        NixValue::set([("devices", NixValue::set([("disk", NixValue::Set(disks))]))]),
    )])))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use podman_btrfs_core::plan::{MountRole, Plan};
    use podman_btrfs_core::spec::Media;

    use super::*;
    use crate::fixtures::{
        artefact, existing_device, hostile_names, parse, raid1_luks_system, single_disk,
    };

    #[test]
    fn one_disk_gets_its_profiles_and_its_label() {
        expect![[r##"
            # Written by podman-btrfs from its plan; disko formats new disks by it.
            {
              disko.devices.disk.tank-1 = {
                type = "disk";
                device = "/dev/disk/by-id/ata-one";
                content = {
                  type = "gpt";
                  partitions.data = {
                    label = "tank-1-data";
                    size = "100%";
                    content = {
                      type = "btrfs";
                      extraArgs = [
                        "--data"
                        "single"
                        "--metadata"
                        "dup"
                        "--label"
                        "tank"
                      ];
                      subvolumes = {
                        "@podman" = {
                          mountpoint = "/var/lib/containers";
                          mountOptions = ["noatime" "compress=zstd:1"];
                        };
                        "@snapshots" = {
                          mountpoint = "/srv/tank/.snapshots";
                          mountOptions = ["noatime" "compress=zstd:1"];
                        };
                        "@volumes" = {
                          mountpoint = "/srv/tank";
                          mountOptions = ["noatime" "compress=zstd:1"];
                        };
                      };
                    };
                  };
                };
              };
            }
        "##]]
        .assert_eq(&artefact(&single_disk(), PATH));
    }

    #[test]
    fn the_btrfs_of_two_encrypted_disks_is_on_the_last_and_takes_the_first_along() {
        expect![[r##"
            # Written by podman-btrfs from its plan; disko formats new disks by it.
            {
              disko.devices.disk = {
                tank-1 = {
                  type = "disk";
                  device = "/dev/disk/by-id/nvme-one";
                  content = {
                    type = "gpt";
                    partitions = {
                      ESP = {
                        label = "tank-1-esp";
                        type = "EF00";
                        size = "1G";
                        content = {
                          type = "filesystem";
                          format = "vfat";
                          mountpoint = "/boot";
                          mountOptions = ["umask=0077" "nofail"];
                        };
                      };
                      data = {
                        label = "tank-1-data";
                        size = "100%";
                        content = {
                          type = "luks";
                          name = "tank-1";
                          settings.allowDiscards = true;
                        };
                      };
                    };
                  };
                };
                tank-2 = {
                  type = "disk";
                  device = "/dev/disk/by-id/nvme-two";
                  content = {
                    type = "gpt";
                    partitions = {
                      ESP = {
                        label = "tank-2-esp";
                        type = "EF00";
                        size = "1G";
                        content = {
                          type = "filesystem";
                          format = "vfat";
                          mountpoint = "/boot-2";
                          mountOptions = ["umask=0077" "nofail"];
                        };
                      };
                      data = {
                        label = "tank-2-data";
                        size = "100%";
                        content = {
                          type = "luks";
                          name = "tank-2";
                          settings.allowDiscards = true;
                          content = {
                            type = "btrfs";
                            extraArgs = [
                              "--data"
                              "raid1"
                              "--metadata"
                              "raid1"
                              "--label"
                              "tank"
                              "/dev/mapper/tank-1"
                            ];
                            subvolumes = {
                              "@podman" = {
                                mountpoint = "/var/lib/containers";
                                mountOptions = ["noatime" "compress=zstd:1"];
                              };
                              "@snapshots" = {
                                mountpoint = "/srv/tank/.snapshots";
                                mountOptions = ["noatime" "compress=zstd:1"];
                              };
                              "@volumes" = {
                                mountpoint = "/srv/tank";
                                mountOptions = ["noatime" "compress=zstd:1"];
                              };
                              "@root" = {
                                mountpoint = "/";
                                mountOptions = ["noatime" "compress=zstd:1"];
                              };
                              "@log" = {
                                mountpoint = "/var/log";
                                mountOptions = ["noatime" "compress=zstd:1"];
                              };
                            };
                          };
                        };
                      };
                    };
                  };
                };
              };
            }
        "##]]
        .assert_eq(&artefact(&raid1_luks_system(), PATH));
    }

    #[test]
    fn an_existing_filesystem_is_never_handed_to_disko() {
        assert_eq!(emit(&existing_device()).unwrap(), []);
    }

    #[test]
    fn names_as_strange_as_they_may_be_are_read_back_as_meant() {
        expect![[r##"
            # Written by podman-btrfs from its plan; disko formats new disks by it.
            {
              disko.devices.disk = {
                "9999999999999999999999999999999999999999999999999999999999999999-1" = {
                  type = "disk";
                  device = "/dev/disk/by-id/a:b@c=d,e+f";
                  content = {
                    type = "gpt";
                    partitions.data = {
                      label = "9999999999999999999-a848df528c0817a2";
                      size = "100%";
                    };
                  };
                };
                "9999999999999999999999999999999999999999999999999999999999999999-2" = {
                  type = "disk";
                  device = "/dev/disk/by-id/-";
                  content = {
                    type = "gpt";
                    partitions.data = {
                      label = "9999999999999999999-799a0b5227f05579";
                      size = "100%";
                      content = {
                        type = "btrfs";
                        extraArgs = [
                          "--data"
                          "single"
                          "--metadata"
                          "dup"
                          "--label"
                          "9999999999999999999999999999999999999999999999999999999999999999"
                          "/dev/disk/by-partlabel/9999999999999999999-a848df528c0817a2"
                        ];
                        subvolumes = {
                          "@podman" = {
                            mountpoint = "/var/lib/containers";
                            mountOptions = ["noatime" "compress=zstd:1"];
                          };
                          "@snapshots" = {
                            mountpoint = "/in/with@=,+x/.snapshots";
                            mountOptions = ["noatime" "compress=zstd:1"];
                          };
                          "@volumes" = {
                            mountpoint = "/in/with@=,+x";
                            mountOptions = ["noatime" "compress=zstd:1"];
                          };
                        };
                      };
                    };
                  };
                };
              };
            }
        "##]]
        .assert_eq(&artefact(&hostile_names(), PATH));
    }

    #[test]
    fn the_text_is_formatted_and_parses_with_another_parser() {
        for plan in [single_disk(), raid1_luks_system(), hostile_names()] {
            let text = artefact(&plan, PATH);
            let (_, again) = alejandra::format::in_memory(PATH.into(), text.clone());
            assert_eq!(again, text);
            assert!(rnix::Root::parse(&text).errors().is_empty());
        }
    }

    #[test]
    fn discards_pass_through_encryption_only_on_flash() {
        for (media, passes) in [
            (Some(Media::Nvme), true),
            (Some(Media::Ssd), true),
            (Some(Media::Hdd), false),
            (None, false),
        ] {
            let mut plan = raid1_luks_system();
            plan.filesystems.get_mut(&parse("tank")).unwrap().media = media;
            assert_eq!(
                artefact(&plan, PATH).contains("allowDiscards"),
                passes,
                "{media:?}"
            );
        }
    }

    fn refusal(change: fn(&mut Plan)) -> String {
        let mut plan = single_disk();
        change(&mut plan);
        emit(&plan).unwrap_err().to_string()
    }

    #[test]
    fn what_disko_would_hand_to_a_shell_unquoted_is_refused() {
        let error = refusal(|plan| {
            plan.filesystems.get_mut(&parse("tank")).unwrap().label = "a; b".into();
        });
        assert!(error.contains("the label `a; b`"), "{error}");
    }

    #[test]
    fn a_subvolume_with_two_mounts_is_refused_instead_of_losing_one() {
        let error = refusal(|plan| {
            let mounts = &mut plan.filesystems.get_mut(&parse("tank")).unwrap().mounts;
            let mut second = mounts[1].clone();
            second.mount_point = parse("/second");
            second.role = MountRole::Volumes;
            mounts.push(second);
        });
        assert!(
            error.contains("`@volumes` of filesystem `tank` has 2 mounts"),
            "{error}"
        );
    }

    #[test]
    fn a_new_filesystem_without_a_profile_is_refused_instead_of_left_to_mkfs() {
        let error = refusal(|plan| {
            plan.filesystems
                .get_mut(&parse("tank"))
                .unwrap()
                .data_profile = None;
        });
        assert!(error.contains("data profile"), "{error}");
    }
}
