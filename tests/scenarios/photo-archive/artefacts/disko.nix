# Written by podman-btrfs from its plan; disko formats new disks by it.
{
  disko.devices.disk = {
    photos-1 = {
      type = "disk";
      device = "/dev/disk/by-id/ata-WDC_WD80EFPX-68C4ZN0_WD-RD000001";
      content = {
        type = "gpt";
        partitions.data = {
          label = "photos-1-data";
          size = "100%";
        };
      };
    };
    photos-2 = {
      type = "disk";
      device = "/dev/disk/by-id/ata-WDC_WD80EFPX-68C4ZN0_WD-RD000002";
      content = {
        type = "gpt";
        partitions.data = {
          label = "photos-2-data";
          size = "100%";
          content = {
            type = "btrfs";
            extraArgs = [
              "--data"
              "raid1"
              "--metadata"
              "raid1"
              "--label"
              "photos"
              "/dev/disk/by-partlabel/photos-1-data"
            ];
            subvolumes = {
              "@containers" = {
                mountpoint = "/var/lib/containers";
                mountOptions = ["noatime" "compress=zstd:3"];
              };
              "@snapshots" = {
                mountpoint = "/srv/photos/.snapshots";
                mountOptions = ["noatime" "compress=zstd:3"];
              };
              "@volumes" = {
                mountpoint = "/srv/photos";
                mountOptions = ["noatime" "compress=zstd:3"];
              };
            };
          };
        };
      };
    };
  };
}
