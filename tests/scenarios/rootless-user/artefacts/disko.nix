# Written by podman-btrfs from its plan; disko formats new disks by it.
{
  disko.devices.disk.home-1 = {
    type = "disk";
    device = "/dev/disk/by-id/ata-CT1000MX500SSD1_2113E5911111";
    content = {
      type = "gpt";
      partitions = {
        ESP = {
          label = "home-1-esp";
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
          label = "home-1-data";
          size = "100%";
          content = {
            type = "btrfs";
            extraArgs = [
              "--data"
              "single"
              "--metadata"
              "dup"
              "--label"
              "home"
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
                mountpoint = "/srv/home/.snapshots";
                mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
              };
              "@volumes" = {
                mountpoint = "/srv/home";
                mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
              };
            };
          };
        };
      };
    };
  };
}
