# Podman's own files, and what is read from Podman's own options.
{
  lib,
  tools,
}:
with tools; {
  podman-6-finds-places-in-drop-ins-only = let
    evaluated = evaluate [
      ../hosts/shop.nix
      {
        services.podmanBtrfs = {
          host.podman = lib.mkForce "6.0.1";
          engine.users.alice = {};
        };
        users.users.alice.uid = 1000;
        virtualisation.containers.storage.settings.storage.options.overlay.mountopt = lib.mkForce "nodev,noatime";
      }
    ];
    inherit (evaluated.config.environment) etc;
    main = (builtins.fromJSON (builtins.readFile etc."containers/storage.conf".source)).storage;
    root = etc."containers/storage.rootful.conf.d/50-podman-btrfs.conf".text;
    alice = etc."containers/storage.rootless.conf.d/1000/50-podman-btrfs.conf".text;
  in
    expect "assertions" (failedAssertions evaluated) []
    ++ holds "the main file has no place: ${builtins.toJSON main}" (!(main ? graphroot) && !(main ? runroot))
    ++ expect "what a user forces in the main file" main.options.overlay.mountopt "nodev,noatime"
    ++ expect "driver" main.driver "overlay"
    ++ holds "root's drop-in has the graph root: ${root}" (lib.hasInfix "graphroot" root)
    ++ holds "a user's drop-in is found by the number: ${alice}" (lib.hasInfix "user-alice" alice);

  podman-5-finds-all-in-one-file = let
    evaluated = evaluate [../hosts/shop.nix {services.podmanBtrfs.host.podman = lib.mkForce "5.8";}];
    inherit (evaluated.config.environment) etc;
  in
    expect "files below /etc/containers" (lib.filter (lib.hasPrefix "containers/") (builtins.attrNames etc)) []
    ++ expect "graph root" evaluated.config.virtualisation.containers.storage.settings.storage.graphroot
    "/var/lib/containers/storage";

  containers-wait-for-the-stores-that-podman-needs = let
    evaluated = evaluate [../hosts/shop.nix {services.podmanBtrfs.engine.additionalImageStores = ["/srv/images"];}];
    needed = evaluated.config.systemd.services.podman-shop-db.unitConfig.RequiresMountsFor;
  in
    holds "the additional image store is among ${toString needed}" (builtins.elem "/srv/images" needed)
    ++ holds "the graph root is among ${toString needed}" (builtins.elem "/var/lib/containers/storage" needed);

  what-a-pull-fetches-has-a-directory = let
    inherit (shop) config;
    directory = "/var/lib/containers/tmp";
  in
    expect "containers.conf" config.virtualisation.containers.containersConf.settings.engine.image_copy_tmp_dir directory
    ++ expect "tmpfiles" config.systemd.tmpfiles.settings.podman-btrfs.${directory}.d.mode "1777";

  what-is-pruned-is-read-from-podmans-own-option = let
    codes = more:
      map (diagnostic: diagnostic.code)
      (lib.filter (diagnostic: diagnostic.code == "PB540")
        (evaluate ([../hosts/shop.nix] ++ more)).config.services.podmanBtrfs.plan.diagnostics);
    pruning = {
      virtualisation.podman.autoPrune = {
        enable = true;
        flags = ["--all"];
      };
    };
  in
    expect "nothing is pruned" (codes []) []
    ++ expect "all is pruned" (codes [pruning]) ["PB540"]
    ++ expect "what is declared here wins"
    (codes [pruning {services.podmanBtrfs.engine.existing.prune.all = false;}]) ["PB540"];
}
