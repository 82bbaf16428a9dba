# Written by podman-btrfs from its plan; disko formats new disks by it.
{
  disko.devices.disk.scratch-1 = {
    type = "disk";
    device = "/dev/disk/by-id/nvme-KINGSTON_SKC3000D2048G_50026B7686A11111";
    content = {
      type = "gpt";
      partitions = {
        ESP = {
          label = "scratch-1-esp";
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
          label = "scratch-1-data";
          size = "100%";
          content = {
            type = "btrfs";
            extraArgs = [
              "--data"
              "single"
              "--metadata"
              "dup"
              "--label"
              "scratch"
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
                mountpoint = "/srv/ci/.snapshots";
                mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
              };
              "@volumes" = {
                mountpoint = "/srv/ci";
                mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
              };
            };
          };
        };
      };
    };
  };
}
