# Declarations that mean another place for data that is there, for the script of the same name.
let
  declare = notes: wiki: {
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
          notes = {
            containers.notes.image = "docker.io/library/nginx:1";
            volumes.files = {mounts.notes = "/data";} // notes;
          };
        }
        // wiki;
    };
  };

  wiki = {
    containers.wiki.image = "docker.io/library/mediawiki:1";
    volumes.pages.mounts.wiki = "/var/www/html";
  };

  # A volume with a limit is a subvolume of its own, not a directory in its workload's.
  limit.limit = "1G";
in {
  first = declare {} {inherit wiki;};
  limited = declare limit {inherit wiki;};
  renamed = declare limit {handbook = wiki // {renamedFrom = "wiki";};};
  removed = declare limit {};
}
