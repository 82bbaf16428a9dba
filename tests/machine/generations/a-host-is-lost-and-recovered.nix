# A host whose copies go to another disk, for the script of the same name.
{
  first.services.podmanBtrfs = {
    enable = true;
    filesystems.data = {
      device = "/dev/disk/by-label/data";
      mountPoint = "/srv/data";
    };
    workloads = {
      shop = {
        containers.shop.image = "localhost/stand-in:1";
        volumes.db = {
          mounts.shop = "/data";
          copyOnWrite = false;
        };
        volumes.files = {
          mounts.shop = "/files";
          limit = "1G";
        };
        protection.policy = "daily";
        protection.consistency = "none";
        protection.snapshotOn.stop = true;
      };
      blog = {
        containers.blog.image = "localhost/stand-in:1";
        volumes.posts = {
          mounts.blog = "/data";
          class = "documents";
        };
        protection.policy = "daily";
      };
    };
    policies.daily = {
      rpo = "1d";
      keep.daily = 7;
      tool = "btrbk";
      targets = ["usb"];
    };
    targets.usb = {
      url = "/mnt/usb/copies";
      keep.daily = 30;
    };
  };
}
