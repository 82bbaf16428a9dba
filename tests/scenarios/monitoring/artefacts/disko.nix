# Written by podman-btrfs from its plan; disko formats new disks by it.
{
  disko.devices.disk.metrics-1 = {
    type = "disk";
    device = "/dev/disk/by-id/nvme-WD_BLACK_SN850X_2000GB_23380N800001";
    content = {
      type = "gpt";
      partitions.data = {
        label = "metrics-1-data";
        size = "100%";
        content = {
          type = "btrfs";
          extraArgs = [
            "--data"
            "single"
            "--metadata"
            "dup"
            "--label"
            "metrics"
          ];
          subvolumes = {
            "@containers" = {
              mountpoint = "/var/lib/containers";
              mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
            };
            "@snapshots" = {
              mountpoint = "/srv/metrics/.snapshots";
              mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
            };
            "@volumes" = {
              mountpoint = "/srv/metrics";
              mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
            };
          };
        };
      };
    };
  };
}
