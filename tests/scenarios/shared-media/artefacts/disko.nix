# Written by podman-btrfs from its plan; disko formats new disks by it.
{
  disko.devices.disk = {
    bulk-1 = {
      type = "disk";
      device = "/dev/disk/by-id/ata-TOSHIBA_MG10ACA20TE_1111";
      content = {
        type = "gpt";
        partitions.data = {
          label = "bulk-1-data";
          size = "100%";
        };
      };
    };
    bulk-2 = {
      type = "disk";
      device = "/dev/disk/by-id/ata-TOSHIBA_MG10ACA20TE_2222";
      content = {
        type = "gpt";
        partitions.data = {
          label = "bulk-2-data";
          size = "100%";
          content = {
            type = "btrfs";
            extraArgs = [
              "--data"
              "raid1"
              "--metadata"
              "raid1"
              "--label"
              "bulk"
              "/dev/disk/by-partlabel/bulk-1-data"
            ];
            subvolumes = {
              "@containers" = {
                mountpoint = "/var/lib/containers";
                mountOptions = ["noatime" "compress=zstd:3"];
              };
              "@snapshots" = {
                mountpoint = "/srv/bulk/.snapshots";
                mountOptions = ["noatime" "compress=zstd:3"];
              };
              "@volumes" = {
                mountpoint = "/srv/bulk";
                mountOptions = ["noatime" "compress=zstd:3"];
              };
            };
          };
        };
      };
    };
  };
}
