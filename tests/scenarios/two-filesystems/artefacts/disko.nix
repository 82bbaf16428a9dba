# Written by podman-btrfs from its plan; disko formats new disks by it.
{
  disko.devices.disk = {
    bulk-1 = {
      type = "disk";
      device = "/dev/disk/by-id/ata-TOSHIBA_MG10ACA20TE_1111";
      content = {
        type = "gpt";
        partitions.data = {
          label = "bulk-1-data";
          size = "100%";
        };
      };
    };
    bulk-2 = {
      type = "disk";
      device = "/dev/disk/by-id/ata-TOSHIBA_MG10ACA20TE_2222";
      content = {
        type = "gpt";
        partitions.data = {
          label = "bulk-2-data";
          size = "100%";
          content = {
            type = "btrfs";
            extraArgs = [
              "--data"
              "raid1"
              "--metadata"
              "raid1"
              "--label"
              "bulk"
              "/dev/disk/by-partlabel/bulk-1-data"
            ];
            subvolumes = {
              "@snapshots" = {
                mountpoint = "/srv/bulk/.snapshots";
                mountOptions = ["noatime" "compress=zstd:3"];
              };
              "@volumes" = {
                mountpoint = "/srv/bulk";
                mountOptions = ["noatime" "compress=zstd:3"];
              };
            };
          };
        };
      };
    };
    fast-1 = {
      type = "disk";
      device = "/dev/disk/by-id/nvme-CT2000T700SSD3_2323E6D11111";
      content = {
        type = "gpt";
        partitions = {
          ESP = {
            label = "fast-1-esp";
            type = "EF00";
            size = "1G";
            content = {
              type = "filesystem";
              format = "vfat";
              mountpoint = "/boot";
              mountOptions = ["umask=0077"];
            };
          };
          data = {
            label = "fast-1-data";
            size = "100%";
            content = {
              type = "btrfs";
              extraArgs = [
                "--data"
                "single"
                "--metadata"
                "dup"
                "--label"
                "fast"
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
                  mountpoint = "/srv/fast/.snapshots";
                  mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
                };
                "@volumes" = {
                  mountpoint = "/srv/fast";
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
