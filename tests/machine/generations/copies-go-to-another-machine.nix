# A host whose copies go to another one over ssh, for the script of the same name. The keys are placeholders: the script makes real ones
# and puts their public halves in their places, as an administrator does in the declaration.
let
  identity = "/var/lib/btrbk/.ssh/id_ed25519";
in {
  nodes.shop.first = {
    services.podmanBtrfs = {
      enable = true;
      filesystems.data = {
        device = "/dev/disk/by-label/data";
        mountPoint = "/srv/data";
      };
      workloads = {
        # Two subvolumes of one moment.
        shop = {
          containers.shop.image = "localhost/stand-in:1";
          volumes = {
            db = {
              mounts.shop = "/data";
              copyOnWrite = false;
            };
            files = {
              mounts.shop = "/files";
              limit = "1G";
            };
          };
          protection.policy = "daily";
        };
        # One that btrbk itself snapshots.
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
        keep.daily = 4;
        tool = "btrbk";
        targets = ["nas"];
      };
      targets.nas = {
        url = "ssh://backup@nas/srv/backup/shop";
        keep.daily = 60;
      };
    };
    services.btrbk.instances.daily-data.settings.ssh_identity = identity;
    programs.ssh.knownHosts.nas.publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPutTheHostKeyOfNasHerePutTheHostKeyOfNasHere";
  };

  nodes.nas.first = {
    services.openssh.enable = true;
    services.podmanBtrfs = {
      enable = true;
      filesystems.vault = {
        device = "/dev/disk/by-label/vault";
        mountPoint = "/srv/backup";
      };
      receiver = {
        enable = true;
        sources = {
          shop.publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPutTheKeyOfShopHerePutTheKeyOfShopHerePutTheKey btrbk@shop";
          ledger = {
            publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPutTheKeyOfLedgerHerePutTheKeyOfLedgerHerePutIt btrbk@ledger";
            appendOnly = true;
          };
        };
      };
    };
  };
}
