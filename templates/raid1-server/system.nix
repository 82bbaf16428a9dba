# The rest of the system: how it starts, who may log in, and what the containers are besides what they store.
{config, ...}: let
  inherit (config.services.podmanBtrfs) containerVolumes;
in {
  networking.hostName = "raid1-server";
  nixpkgs.hostPlatform = "x86_64-linux";
  system.stateVersion = "25.11";

  # A boot loader on each disk: the host starts whichever of them fails.
  boot.loader.grub = {
    enable = true;
    efiSupport = true;
    efiInstallAsRemovable = true;
    mirroredBoots = [
      {
        path = "/boot";
        devices = ["nodev"];
      }
      {
        path = "/boot-2";
        devices = ["nodev"];
      }
    ];
  };

  services.openssh.enable = true;
  # EDIT 2: who may log in.
  users.users.root.openssh.authorizedKeys.keys = ["ssh-ed25519 AAAA… you@laptop"];

  # The key that copies are sent with; its public half is in authorized_keys of backup@nas.example.org.
  services.btrbk.instances.gold-tank.settings.ssh_identity = "/var/lib/btrbk/.ssh/id_ed25519";
  services.btrbk.instances.silver-tank.settings.ssh_identity = "/var/lib/btrbk/.ssh/id_ed25519";

  virtualisation.oci-containers.containers = {
    shop-web = {
      image = "docker.io/library/nginx:1.29";
      volumes = containerVolumes.shop-web;
      ports = ["80:80"];
      dependsOn = ["shop-db" "shop-cache"];
    };
    shop-db = {
      image = "docker.io/library/postgres:17";
      volumes = containerVolumes.shop-db;
      environmentFiles = ["/etc/secrets/shop-db"];
    };
    shop-cache = {
      image = "docker.io/library/redis:8";
      volumes = containerVolumes.shop-cache;
    };
    jellyfin = {
      image = "docker.io/jellyfin/jellyfin:10.10";
      volumes = containerVolumes.jellyfin;
      ports = ["8096:8096"];
    };
  };
}
