# Two workloads whose containers run by one reference, for the script of the same name.
let
  workload = name: more: {
    containers.${name}.image = "localhost/stand-in:1";
    volumes.files.mounts.${name} = "/data";
    protection = {policy = "hourly";} // more;
  };
in {
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
      workloads = {
        shop = workload "shop" {};
        blog = workload "blog" {};
      };
    };
  };
}
