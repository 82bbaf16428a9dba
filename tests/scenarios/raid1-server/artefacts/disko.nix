# Written by podman-btrfs from its plan; disko formats new disks by it.
{
  disko.devices.disk = {
    tank-1 = {
      type = "disk";
      device = "/dev/disk/by-id/nvme-WD_BLACK_SN850X_4000GB_22120A800111";
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
      device = "/dev/disk/by-id/nvme-WD_BLACK_SN850X_4000GB_22120A800222";
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
                    mountpoint = "/srv/tank/.snapshots";
                    mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
                  };
                  "@volumes" = {
                    mountpoint = "/srv/tank";
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
