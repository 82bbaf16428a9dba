# A volume whose attribute is declared otherwise, and one that gets its data from a named volume of Podman, for the script of the same name.
let
  workload = name: volume: {
    containers.${name}.image = "docker.io/library/nginx:1";
    volumes.files = {mounts.${name} = "/data";} // volume;
  };

  declare = shop: {
    services.podmanBtrfs = {
      enable = true;
      filesystems.data = {
        device = "/dev/disk/by-label/data";
        mountPoint = "/srv/data";
      };
      workloads = {
        shop = workload "shop" ({snapshot = false;} // shop);
        blog = workload "blog" {};
      };
    };
  };
in {
  first = declare {copyOnWrite = true;};
  nodatacow = declare {copyOnWrite = false;};
}
