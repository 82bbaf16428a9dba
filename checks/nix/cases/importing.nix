# What the module is to a configuration: the user wins, off is off, and twice is once.
{
  lib,
  tools,
}:
with tools; {
  what-a-user-forces-wins = let
    forced = lib.mkForce;
    evaluated = evaluate [
      ../hosts/shop.nix
      {
        fileSystems."/srv/tank".options = forced ["mine"];
        virtualisation.containers.storage.settings.storage.driver = forced "vfs";
        services.btrbk.instances.gold-tank.onCalendar = forced "weekly";
        services.snapper.snapshotInterval = forced "weekly";
        services.snapper.configs = forced {};
        systemd.services.podman-shop-db.unitConfig.RequiresMountsFor = forced ["/mine"];
        systemd.services.podman-btrfs-apply.serviceConfig.UMask = forced "0000";
      }
    ];
    inherit (evaluated) config;
  in
    expect "mount options" config.fileSystems."/srv/tank".options ["mine"]
    ++ expect "driver" config.virtualisation.containers.storage.settings.storage.driver "vfs"
    ++ expect "btrbk" config.services.btrbk.instances.gold-tank.onCalendar "weekly"
    ++ expect "snapper" config.services.snapper.configs {}
    ++ expect "snapper's interval" config.services.snapper.snapshotInterval "weekly"
    ++ expect "container" config.systemd.services.podman-shop-db.unitConfig.RequiresMountsFor ["/mine"]
    ++ expect "apply" config.systemd.services.podman-btrfs-apply.serviceConfig.UMask "0000";

  switched-off-it-changes-nothing = let
    off = (evaluate [../hosts/shop.nix {services.podmanBtrfs.enable = lib.mkForce false;}]).config;
    without = (evaluateRaw [{virtualisation.oci-containers.containers.shop-web.image = "x";}]).config;
    seen = config: {
      inherit (config) fileSystems swapDevices warnings;
      inherit (config.virtualisation) containers;
      inherit (config.services) btrbk snapper;
      units = builtins.attrNames config.systemd.services;
      files = builtins.attrNames config.environment.etc;
      packages = builtins.length config.environment.systemPackages;
      checks = builtins.length config.system.checks;
    };
    same = name: expect name (seen off).${name} (seen without).${name};
  in
    lib.concatMap same (builtins.attrNames (seen without));

  imported-twice-it-is-one-module = let
    twice = evaluate [../hosts/shop.nix (import ../../../modules) {imports = [../../../modules];}];
  in
    expect "plan" twice.config.services.podmanBtrfs.plan shop.config.services.podmanBtrfs.plan;
}
