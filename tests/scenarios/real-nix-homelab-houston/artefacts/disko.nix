# Written by podman-btrfs from its plan; disko formats new disks by it.
{
  disko.devices.disk.data-1 = {
    type = "disk";
    device = "/dev/disk/by-id/nvme-planned";
    content = {
      type = "gpt";
      partitions.data = {
        label = "data-1-data";
        size = "100%";
        content = {
          type = "btrfs";
          extraArgs = [
            "--data"
            "single"
            "--metadata"
            "dup"
            "--label"
            "data"
          ];
          subvolumes = {
            "@containers" = {
              mountpoint = "/var/lib/containers";
              mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
            };
            "@snapshots" = {
              mountpoint = "/srv/data/.snapshots";
              mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
            };
            "@volumes" = {
              mountpoint = "/srv/data";
              mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
            };
          };
        };
      };
    };
  };
}
