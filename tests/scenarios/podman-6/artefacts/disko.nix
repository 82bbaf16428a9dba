# Written by podman-btrfs from its plan; disko formats new disks by it.
{
  disko.devices.disk.tank-1 = {
    type = "disk";
    device = "/dev/disk/by-id/nvme-Samsung_SSD_980_PRO_1TB_S5GXNX0T611111";
    content = {
      type = "gpt";
      partitions.data = {
        label = "tank-1-data";
        size = "100%";
        content = {
          type = "btrfs";
          extraArgs = [
            "--data"
            "single"
            "--metadata"
            "dup"
            "--label"
            "tank"
          ];
          subvolumes = {
            "@containers" = {
              mountpoint = "/var/lib/containers";
              mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
            };
            "@snapshots" = {
              mountpoint = "/srv/tank/.snapshots";
              mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
            };
            "@volumes" = {
              mountpoint = "/srv/tank";
              mountOptions = ["noatime" "compress=zstd:1" "discard=async"];
            };
          };
        };
      };
    };
  };
}
