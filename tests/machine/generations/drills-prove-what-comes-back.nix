# A host whose copies go to another disk, for the script of the same name.
{
  first.services.podmanBtrfs = {
    enable = true;
    drill.enable = true;
    engine.filesystem = "data";
    filesystems.data = {
      device = "/dev/disk/by-label/data";
      mountPoint = "/srv/data";
    };
    filesystems.spare = {
      device = "/dev/disk/by-label/spare";
      mountPoint = "/srv/spare";
    };
    targets.spare.url = "/srv/spare/copies";
    workloads.notes = {
      filesystem = "data";
      containers.notes.image = "docker.io/library/nginx:1";
      volumes.files = {
        mounts.notes = "/data";
        class = "embedded-database";
        engine = "sqlite";
      };
      protection.policy = "daily";
    };
    policies.daily = {
      rpo = "1d";
      keep.daily = 7;
      tool = "btrbk";
      targets = ["spare"];
    };
  };
}
