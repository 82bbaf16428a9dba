# Written by podman-btrfs from its plan; disko formats new disks by it.
{
  disko.devices.disk = {
    tank-1 = {
      type = "disk";
      device = "/dev/disk/by-id/ata-WDC_WD80EFZX_1111";
      content = {
        type = "gpt";
        partitions.data = {
          label = "tank-1-data";
          size = "100%";
        };
      };
    };
    tank-2 = {
      type = "disk";
      device = "/dev/disk/by-id/ata-WDC_WD80EFZX_2222";
      content = {
        type = "gpt";
        partitions.data = {
          label = "tank-2-data";
          size = "100%";
          content = {
            type = "btrfs";
            extraArgs = [
              "--data"
              "raid1"
              "--metadata"
              "raid1"
              "--label"
              "tank"
              "/dev/disk/by-partlabel/tank-1-data"
            ];
            subvolumes = {
              "@containers" = {
                mountpoint = "/var/lib/containers";
                mountOptions = ["noatime" "compress=zstd:3"];
              };
              "@snapshots" = {
                mountpoint = "/srv/tank/.snapshots";
                mountOptions = ["noatime" "compress=zstd:3"];
              };
              "@volumes" = {
                mountpoint = "/srv/tank";
                mountOptions = ["noatime" "compress=zstd:3"];
              };
            };
          };
        };
      };
    };
  };
}
