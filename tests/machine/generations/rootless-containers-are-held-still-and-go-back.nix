# A user whose container writes to two subvolumes, for the script of the same name.
{
  first = {
    services.podmanBtrfs = {
      enable = true;
      filesystems.data = {
        device = "/dev/disk/by-label/data";
        mountPoint = "/srv/data";
      };
      policies.hourly = {
        rpo = "1h";
        keep.hourly = 24;
        tool = "btrbk";
      };
      engine.users.alice.uid = 1000;
      engine.users.bob.uid = 1001;
      workloads.links = {
        user = "bob";
        containers.links.image = "localhost/stand-in:1";
        volumes.files.mounts.links = "/data";
        # A subvolume of its own, so that its writer is paused for a snapshot.
        volumes.more = {
          mounts.links = "/more";
          limit = "1G";
        };
        protection = {
          policy = "hourly";
          freezeBudget = "4s";
        };
      };
      workloads.notes = {
        user = "alice";
        containers.notes.image = "localhost/stand-in:1";
        volumes.files.mounts.notes = "/data";
        # A subvolume of its own, so that its writer is paused for a snapshot.
        volumes.more = {
          mounts.notes = "/more";
          limit = "1G";
        };
        protection = {
          policy = "hourly";
          freezeBudget = "4s";
        };
      };
    };
    users.users.alice = {
      isNormalUser = true;
      uid = 1000;
    };
    users.users.bob = {
      isNormalUser = true;
      uid = 1001;
      linger = false;
    };
  };
}
