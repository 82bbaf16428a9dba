# Written by podman-btrfs from its plan; disko formats new disks by it.
{
  disko.devices.disk.main-1 = {
    type = "disk";
    device = "/dev/disk/by-id/nvme-Samsung_SSD_990_PRO_2TB_S7KHNJ0X111111";
    content = {
      type = "gpt";
      partitions = {
        ESP = {
          label = "main-1-esp";
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
          label = "main-1-data";
          size = "100%";
          content = {
            type = "luks";
            name = "main-1";
            settings.allowDiscards = true;
            content = {
              type = "btrfs";
              extraArgs = [
                "--data"
                "single"
                "--metadata"
                "dup"
                "--label"
                "main"
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
                "@persist" = {
                  mountpoint = "/persist";
                  mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
                };
                "@snapshots" = {
                  mountpoint = "/srv/main/.snapshots";
                  mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
                };
                "@volumes" = {
                  mountpoint = "/srv/main";
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
