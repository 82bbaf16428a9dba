# A host that gets many volumes in one switch, for the script of the same name.
let
  numbers = builtins.genList (number: toString (100 + number)) 60;

  # Each is a subvolume of its own, because no snapshot is to hold it.
  archive = {
    containers.archive.image = "docker.io/library/nginx:1";
    volumes = builtins.listToAttrs (map (number: {
        name = "part${number}";
        value = {
          mounts.archive = "/data/${number}";
          snapshot = false;
        };
      })
      numbers);
  };

  declare = more: {
    services.podmanBtrfs = {
      enable = true;
      filesystems.data = {
        device = "/dev/disk/by-label/data";
        mountPoint = "/srv/data";
      };
      workloads =
        {
          shop = {
            containers.shop-db.image = "docker.io/library/postgres:17";
            volumes.pgdata.mounts.shop-db = "/var/lib/postgresql/data";
          };
        }
        // more;
    };
  };
in {
  first = declare {};
  many = declare {inherit archive;};
}
