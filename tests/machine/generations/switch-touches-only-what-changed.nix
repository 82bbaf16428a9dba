# A host as it is declared over time, for the script of the same name: each of these is the module of one generation.
let
  first = {
    filesystems.data = {
      device = "/dev/disk/by-label/data";
      mountPoint = "/srv/data";
    };

    workloads = {
      shop = {
        containers.shop-db.image = "docker.io/library/postgres:17";
        volumes.pgdata.mounts.shop-db = "/var/lib/postgresql/data";
        protection.policy = "daily";
      };
      notes = {
        containers.notes.image = "docker.io/library/nginx:1";
        volumes.files = {
          mounts.notes = "/data";
          class = "documents";
          limit = "1G";
        };
        protection.policy = "daily";
      };
    };

    policies.daily = {
      rpo = "1d";
      keep.daily = 7;
      tool = "btrbk";
    };
  };

  # A declaration with something more in it.
  with' = more: declaration: merge declaration more;
  merge = old: new:
    if builtins.isAttrs old && builtins.isAttrs new
    then
      old
      // builtins.mapAttrs (name: value:
        if old ? ${name}
        then merge old.${name} value
        else value)
      new
    else new;
  without = name: declaration: declaration // {workloads = removeAttrs declaration.workloads [name];};

  wiki.containers.wiki.image = "docker.io/library/mediawiki:1";
  wiki.volumes.pages = {
    mounts.wiki = "/var/www/html";
    class = "documents";
  };

  added = with' {workloads = {inherit wiki;};} first;
  more-volumes =
    with' {
      workloads.wiki.volumes.uploads = {
        mounts.wiki = "/uploads";
        class = "documents";
      };
    }
    added;
  higher-limit = with' {workloads.notes.volumes.files.limit = "2G";} more-volumes;
  hourly =
    with' {
      policies.daily = {
        rpo = "1h";
        keep.hourly = 24;
      };
    }
    higher-limit;
  other-options = with' {filesystems.data.media = "hdd";} hourly;
  removed = without "wiki" other-options;
in
  builtins.mapAttrs (_: declaration: {services.podmanBtrfs = declaration // {enable = true;};}) {
    inherit first added more-volumes higher-limit hourly other-options removed;
  }
