# A host that is watched, for the script of the same name.
{
  first.services.podmanBtrfs = {
    enable = true;
    monitoring = {
      enable = true;
      interval = "1h";
    };
    filesystems.data = {
      device = "/dev/disk/by-label/data";
      mountPoint = "/srv/data";
    };
    workloads.notes = {
      containers.notes.image = "docker.io/library/nginx:1";
      volumes.files = {
        mounts.notes = "/data";
        class = "documents";
      };
      protection.policy = "daily";
    };
    policies.daily = {
      rpo = "1d";
      keep.daily = 7;
      tool = "btrbk";
    };
  };
}
