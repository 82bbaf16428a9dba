# A declaration that changes three times, for the script of the same name.
let
  workload = name: more:
    {
      containers.${name}.image = "docker.io/library/nginx:1";
      volumes.files.mounts.${name} = "/data";
    }
    // more;

  declare = workloads: {
    services.podmanBtrfs = {
      enable = true;
      filesystems.data = {
        device = "/dev/disk/by-label/data";
        mountPoint = "/srv/data";
      };
      workloads = {shop = workload "shop" {};} // workloads;
    };
  };

  wiki = workload "wiki" {};
  notes = workload "notes" {};
in {
  first = declare {inherit wiki;};
  added = declare {inherit notes wiki;};
  removed = declare {inherit notes;};
  renamed = declare {minutes = notes // {renamedFrom = "notes";};};
}
