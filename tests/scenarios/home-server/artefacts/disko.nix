# Written by podman-btrfs from its plan; disko formats new disks by it.
{
  disko.devices.disk.main-1 = {
    type = "disk";
    device = "/dev/disk/by-id/ata-Samsung_SSD_870_EVO_2TB_S6PNNS0T112233";
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
              "@snapshots" = {
                mountpoint = "/srv/main/.snapshots";
                mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
              };
              "@swap" = {
                mountpoint = "/srv/main/.swap";
                mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
                swap.swapfile.size = "8G";
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
}
