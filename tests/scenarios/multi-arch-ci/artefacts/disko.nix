# Written by podman-btrfs from its plan; disko formats new disks by it.
{
  disko.devices.disk.build-1 = {
    type = "disk";
    device = "/dev/disk/by-id/nvme-KINGSTON_SKC3000D2048G_50026B7686A22222";
    content = {
      type = "gpt";
      partitions.data = {
        label = "build-1-data";
        size = "100%";
        content = {
          type = "btrfs";
          extraArgs = [
            "--data"
            "single"
            "--metadata"
            "dup"
            "--label"
            "build"
          ];
          subvolumes = {
            "@containers" = {
              mountpoint = "/var/lib/containers";
              mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
            };
            "@snapshots" = {
              mountpoint = "/srv/build/.snapshots";
              mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
            };
            "@volumes" = {
              mountpoint = "/srv/build";
              mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
            };
          };
        };
      };
    };
  };
}
