# A plain declaration for a host that is no NixOS.
{
  host = {
    platform = "linux/amd64";
    kernel = "6.1";
    btrfsProgs = "6.2";
    podman = "4.3.1";
  };

  filesystems.data = {
    device = "/dev/disk/by-uuid/8f2b7c8e-35a1-4c6b-9f42-6b1f0e7f2b55";
    media = "hdd";
    capacity = "8T";
  };

  workloads.files = {
    containers.files-web.image = "docker.io/library/nextcloud:31";
    volumes = {
      uploads = {
        mounts.files-web = "/var/www/html/data";
        limit = "2T";
      };
      config.mounts.files-web = "/var/www/html/config";
    };
    protection.policy = "daily";
  };

  policies.daily.keep.daily = 30;
}
