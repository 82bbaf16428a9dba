# A host with years of data on it: nothing is formatted, nothing is repartitioned.
{
  services.podmanBtrfs = {
    enable = true;

    filesystems.data = {
      # EDIT 1: the filesystem, by its identifier: `lsblk -o NAME,FSTYPE,UUID`.
      device = "/dev/disk/by-uuid/0b2c1f6e-4c53-4a3e-9a0d-5d6f0f9e3a11";
      media = "hdd";
    };

    workloads.cloud = {
      containers = {
        cloud-web.image = "docker.io/library/nextcloud:31";
        cloud-db.image = "docker.io/library/mariadb:11";
      };
      volumes = {
        html.mounts.cloud-web = "/var/www/html";
        files = {
          mounts.cloud-web = "/data";
          class = "documents";
          size = "1500G";
        };
        mysql.mounts.cloud-db = "/var/lib/mysql";
      };
      protection.policy = "nightly";
    };

    policies.nightly = {
      rpo = "1d";
      keep = {
        daily = 14;
        monthly = 6;
      };
      targets = ["usb"];
    };

    # EDIT 3: where copies go: a Btrfs on another disk, or ssh://user@host/path.
    targets.usb.url = "/mnt/usb-backup/cloud";
  };
}
