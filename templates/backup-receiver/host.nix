# A host that keeps copies of others: two disks, no workloads of its own.
{
  services.podmanBtrfs = {
    enable = true;

    filesystems.vault = {
      # EDIT 1: the disks, and the size of one.
      disks = [
        "/dev/disk/by-id/ata-WDC_WD80EFZX-68UW8N0_VK011111"
        "/dev/disk/by-id/ata-WDC_WD80EFZX-68UW8N0_VK022222"
      ];
      dataProfile = "raid1";
      media = "hdd";
      capacity = "8T";
      encryption = "luks";
      system = true;
      mountPoint = "/srv/backup";
    };
  };
}
