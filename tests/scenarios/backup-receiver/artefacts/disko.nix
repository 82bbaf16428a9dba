# Written by podman-btrfs from its plan; disko formats new disks by it.
{
  disko.devices.disk = {
    vault-1 = {
      type = "disk";
      device = "/dev/disk/by-id/ata-WDC_WD80EFZX-68UW8N0_VK011111";
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
            };
          };
        };
      };
    };
    vault-2 = {
      type = "disk";
      device = "/dev/disk/by-id/ata-WDC_WD80EFZX-68UW8N0_VK022222";
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
              content = {
                type = "btrfs";
                extraArgs = [
                  "--data"
                  "raid1"
                  "--metadata"
                  "raid1"
                  "--label"
                  "vault"
                  "/dev/mapper/vault-1"
                ];
                subvolumes = {
                  "@" = {
                    mountpoint = "/";
                    mountOptions = ["noatime" "compress=zstd:3"];
                  };
                  "@containers" = {
                    mountpoint = "/var/lib/containers";
                    mountOptions = ["noatime" "compress=zstd:3"];
                  };
                  "@home" = {
                    mountpoint = "/home";
                    mountOptions = ["noatime" "compress=zstd:3"];
                  };
                  "@log" = {
                    mountpoint = "/var/log";
                    mountOptions = ["noatime" "compress=zstd:3"];
                  };
                  "@nix" = {
                    mountpoint = "/nix";
                    mountOptions = ["noatime" "compress=zstd:3"];
                  };
                  "@snapshots" = {
                    mountpoint = "/srv/backup/.snapshots";
                    mountOptions = ["noatime" "compress=zstd:3"];
                  };
                  "@volumes" = {
                    mountpoint = "/srv/backup";
                    mountOptions = ["noatime" "compress=zstd:3"];
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
