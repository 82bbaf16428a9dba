# Written by podman-btrfs from its plan; disko formats new disks by it.
{
  disko.devices.disk = {
    forge-1 = {
      type = "disk";
      device = "/dev/disk/by-id/nvme-Samsung_SSD_990_PRO_2TB_S6Z2NJ0W300001";
      content = {
        type = "gpt";
        partitions = {
          ESP = {
            label = "forge-1-esp";
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
            label = "forge-1-data";
            size = "100%";
            content = {
              type = "luks";
              name = "forge-1";
              settings.allowDiscards = true;
            };
          };
        };
      };
    };
    forge-2 = {
      type = "disk";
      device = "/dev/disk/by-id/nvme-Samsung_SSD_990_PRO_2TB_S6Z2NJ0W300002";
      content = {
        type = "gpt";
        partitions = {
          ESP = {
            label = "forge-2-esp";
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
            label = "forge-2-data";
            size = "100%";
            content = {
              type = "luks";
              name = "forge-2";
              settings.allowDiscards = true;
              content = {
                type = "btrfs";
                extraArgs = [
                  "--data"
                  "raid1"
                  "--metadata"
                  "raid1"
                  "--label"
                  "forge"
                  "/dev/mapper/forge-1"
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
                    mountpoint = "/srv/forge/.snapshots";
                    mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
                  };
                  "@volumes" = {
                    mountpoint = "/srv/forge";
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
