# Written by podman-btrfs from its plan; disko formats new disks by it.
{
  disko.devices.disk.fast-1 = {
    type = "disk";
    device = "/dev/disk/by-id/nvme-SAMSUNG_MZQL23T8HCLS-00A07_S64HNE0T111111";
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
}
