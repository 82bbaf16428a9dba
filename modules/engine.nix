# Podman's storage.conf.
{
  config,
  lib,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  settings = cfg.bundle.nixos.virtualisation.containers.storage.settings or {};
in {
  config = lib.mkIf cfg.enable {
    virtualisation.containers = {
      # The file is written only then.
      enable = lib.mkIf (settings != {}) (lib.mkDefault true);
      storage = {inherit settings;};
    };
  };
}
