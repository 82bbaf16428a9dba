# Users whose containers write to two subvolumes each, for the script of the same name.
let
  # The second volume is a subvolume of its own, so that what writes to them is held still for a snapshot.
  workload = name: user: more: {
    inherit user;
    containers.${name}.image = "localhost/stand-in:1";
    volumes.files.mounts.${name} = "/data";
    volumes.more = {
      mounts.${name} = "/more";
      limit = "1G";
    };
    protection =
      {
        policy = "hourly";
        freezeBudget = "4s";
      }
      // more;
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
      update = {
        enable = true;
        healthWindow = 4;
      };
      engine.users = {
        alice.uid = 1000;
        bob.uid = 1001;
      };
      workloads = {
        notes = workload "notes" "alice" {};
        links = workload "links" "bob" {};
        pages =
          workload "pages" "alice" {
            consistency = "application";
            hooks.pages = {
              freeze = ["/bin/busybox" "touch" "/data/held"];
              thaw = ["/bin/busybox" "rm" "-f" "/data/held"];
            };
          }
          // {injectVolumes = true;};
      };
    };
    users.users = {
      alice = {
        isNormalUser = true;
        uid = 1000;
      };
      # His service manager runs only while he is logged in.
      bob = {
        isNormalUser = true;
        uid = 1001;
        linger = false;
      };
    };
    # It belongs to the service manager of its user.
    environment.etc."containers/systemd/users/1000/pages.container".text = ''
      [Container]
      Image=localhost/stand-in:1
      Pull=never
      AutoUpdate=local
      Network=none
      Exec=sh -c - sh /data /more

      [Service]
      Restart=always
      RestartSec=1
      TimeoutStopSec=4

      [Install]
      WantedBy=default.target
    '';
  };
}
