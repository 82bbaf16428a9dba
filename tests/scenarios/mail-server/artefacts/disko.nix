# Written by podman-btrfs from its plan; disko formats new disks by it.
{
  disko.devices.disk = {
    mail-1 = {
      type = "disk";
      device = "/dev/disk/by-id/ata-INTEL_SSDSC2KB038T8_PHYF100001";
      content = {
        type = "gpt";
        partitions = {
          ESP = {
            label = "mail-1-esp";
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
            label = "mail-1-data";
            size = "100%";
          };
        };
      };
    };
    mail-2 = {
      type = "disk";
      device = "/dev/disk/by-id/ata-INTEL_SSDSC2KB038T8_PHYF100002";
      content = {
        type = "gpt";
        partitions = {
          ESP = {
            label = "mail-2-esp";
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
            label = "mail-2-data";
            size = "100%";
            content = {
              type = "btrfs";
              extraArgs = [
                "--data"
                "raid1"
                "--metadata"
                "raid1"
                "--label"
                "mail"
                "/dev/disk/by-partlabel/mail-1-data"
              ];
              subvolumes = {
                "@" = {
                  mountpoint = "/";
                  mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
                };
                "@containers" = {
                  mountpoint = "/var/lib/containers";
                  mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
                };
                "@home" = {
                  mountpoint = "/home";
                  mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
                };
                "@log" = {
                  mountpoint = "/var/log";
                  mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
                };
                "@nix" = {
                  mountpoint = "/nix";
                  mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
                };
                "@snapshots" = {
                  mountpoint = "/srv/mail/.snapshots";
                  mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
                };
                "@volumes" = {
                  mountpoint = "/srv/mail";
                  mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
                };
              };
            };
          };
        };
      };
    };
  };
}
