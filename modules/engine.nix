# Podman's files: storage.conf with its drop-ins, containers.conf, and the directory that this one names.
{
  config,
  lib,
  pkgs,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  inherit (cfg.bundle) nixos;
  containers = nixos.virtualisation.containers or {};
  settings = containers.storage.settings or {};
  planned = cfg.plan.engine.storageConf;
  dropIns = planned != null && planned.files == "drop-ins";

  # What NixOS writes into the main file where nobody says otherwise. From Podman 6 on it would hold for rootless users
  # too, who cannot write there; root's are in a drop-in. What anybody else says in that file stays.
  ofNixos = {
    graphroot = "/var/lib/containers/storage";
    runroot = "/run/containers/storage";
  };
  merged = config.virtualisation.containers.storage.settings;
  withoutPlaces =
    merged
    // {
      storage = lib.filterAttrs (name: value: !(ofNixos ? ${name}) || value != ofNixos.${name}) merged.storage;
    };
in {
  config = lib.mkIf cfg.enable {
    virtualisation.containers = {
      # The files are written only then.
      enable = lib.mkIf (settings != {}) (lib.mkDefault true);
      storage = {inherit settings;};
      containersConf.settings = containers.containersConf.settings or {};
    };

    environment.etc =
      (nixos.environment.etc or {})
      // lib.optionalAttrs dropIns {
        "containers/storage.conf".source =
          lib.mkOverride 90 ((pkgs.formats.toml {}).generate "storage.conf" withoutPlaces);
      };

    systemd.tmpfiles.settings = nixos.systemd.tmpfiles.settings or {};
  };
}
