# Podman's store with the one driver, and then with the other, for the script of the same name.
let
  workload = name: {
    containers.${name}.image = "docker.io/library/nginx:1";
    volumes.files.mounts.${name} = "/data";
  };

  declare = driver: {
    services.podmanBtrfs = {
      enable = true;
      filesystems.data = {
        device = "/dev/disk/by-label/data";
        mountPoint = "/srv/data";
      };
      engine = {inherit driver;};
      workloads = {
        shop = workload "shop";
        blog = workload "blog";
      };
    };
  };
in {
  first = declare "overlay";
  btrfs = declare "btrfs";
}
