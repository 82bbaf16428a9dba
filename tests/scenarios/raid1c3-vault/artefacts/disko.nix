# Written by podman-btrfs from its plan; disko formats new disks by it.
{
  disko.devices.disk = {
    vault-1 = {
      type = "disk";
      device = "/dev/disk/by-id/ata-KINGSTON_SEDC600M960G_50026B7686B00001";
      content = {
        type = "gpt";
        partitions = {
          ESP = {
            label = "vault-1-esp";
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
            label = "vault-1-data";
            size = "100%";
            content = {
              type = "luks";
              name = "vault-1";
              settings.allowDiscards = true;
            };
          };
        };
      };
    };
    vault-2 = {
      type = "disk";
      device = "/dev/disk/by-id/ata-KINGSTON_SEDC600M960G_50026B7686B00002";
      content = {
        type = "gpt";
        partitions = {
          ESP = {
            label = "vault-2-esp";
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
            label = "vault-2-data";
            size = "100%";
            content = {
              type = "luks";
              name = "vault-2";
              settings.allowDiscards = true;
            };
          };
        };
      };
    };
    vault-3 = {
      type = "disk";
      device = "/dev/disk/by-id/ata-KINGSTON_SEDC600M960G_50026B7686B00003";
      content = {
        type = "gpt";
        partitions = {
          ESP = {
            label = "vault-3-esp";
            type = "EF00";
            size = "1G";
            content = {
              type = "filesystem";
              format = "vfat";
              mountpoint = "/boot-3";
              mountOptions = ["umask=0077" "nofail"];
            };
          };
          data = {
            label = "vault-3-data";
            size = "100%";
            content = {
              type = "luks";
              name = "vault-3";
              settings.allowDiscards = true;
              content = {
                type = "btrfs";
                extraArgs = [
                  "--data"
                  "raid1c3"
                  "--metadata"
                  "raid1c3"
                  "--label"
                  "vault"
                  "/dev/mapper/vault-1"
                  "/dev/mapper/vault-2"
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
                    mountpoint = "/srv/vault/.snapshots";
                    mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
                  };
                  "@volumes" = {
                    mountpoint = "/srv/vault";
                    mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
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
