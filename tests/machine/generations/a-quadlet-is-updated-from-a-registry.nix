# A quadlet whose image comes from a registry on the same host, for the script of the same name.
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
      workloads.shop = {
        containers.app.image = "localhost:5000/app:1";
        injectVolumes = true;
        # Two subvolumes, so that its writer is paused for a snapshot.
        volumes.files.mounts.app = "/data";
        volumes.more = {
          mounts.app = "/more";
          limit = "1G";
        };
        protection.policy = "hourly";
      };
    };
    # It is given no name, so Podman calls its container `systemd-app`.
    environment.etc = {
      "containers/systemd/app.container".text = ''
        [Container]
        Image=localhost:5000/app:1
        AutoUpdate=registry
        Network=none

        [Service]
        Restart=always
        RestartSec=1

        [Install]
        WantedBy=multi-user.target
      '';
      "containers/registries.conf.d/50-here.conf".text = ''
        [[registry]]
        location = "localhost:5000"
        insecure = true
      '';
    };
  };
}
