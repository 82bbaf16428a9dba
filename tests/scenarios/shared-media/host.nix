# One film collection: the library owns it, the downloaders write to it, the players read it.
{
  services.podmanBtrfs = {
    enable = true;

    filesystems.bulk = {
      disks = [
        "/dev/disk/by-id/ata-TOSHIBA_MG10ACA20TE_1111"
        "/dev/disk/by-id/ata-TOSHIBA_MG10ACA20TE_2222"
      ];
      media = "hdd";
      capacity = "20T";
    };

    workloads = {
      library = {
        containers.radarr.image = "lscr.io/linuxserver/radarr:5.14.0";
        volumes = {
          films = {
            mounts.radarr = "/films";
            class = "media";
            size = "12T";
            limit = "16T";
          };
          settings.mounts.radarr = "/config";
        };
        protection = {
          policy = "daily";
          consistency = "application";
        };
      };

      downloads = {
        containers.qbittorrent.image = "lscr.io/linuxserver/qbittorrent:5.0.2";
        volumes = {
          settings.mounts.qbittorrent = "/config";
          incomplete = {
            mounts.qbittorrent = "/incomplete";
            class = "scratch";
          };
        };
        uses."library/films" = {
          mounts.qbittorrent = "/films";
          access = "read-write";
        };
        protection.policy = "daily";
      };

      player = {
        containers.jellyfin.image = "docker.io/jellyfin/jellyfin:10.10";
        volumes = {
          settings.mounts.jellyfin = "/config";
          # Below what it only reads: a volume of its own, on top.
          trickplay = {
            mounts.jellyfin = "/media/films/.trickplay";
            class = "cache";
          };
        };
        uses."library/films".mounts.jellyfin = "/media/films";
        protection.policy = "daily";
      };

      share = {
        containers.samba.image = "ghcr.io/servercontainers/samba:smbd-only-latest";
        uses."library/films".mounts.samba = "/shares/films";
      };
    };

    policies.daily.keep.daily = 14;
  };
}
