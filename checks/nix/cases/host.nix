# What one host is mapped to, a line for each part.
{
  lib,
  tools,
}:
with tools; {
  the-module-maps-a-host = let
    inherit (shop) config;
    mount = config.fileSystems."/srv/tank";
  in
    expect "assertions" (failedAssertions shop) []
    ++ expect "device" mount.device "/dev/disk/by-uuid/3f1c5d5e-9f0e-4f0e-8a83-3f6f3a1f2b11"
    ++ expect "fsType" mount.fsType "btrfs"
    ++ holds "the mount is ordered after apply" (builtins.elem "x-systemd.after=podman-btrfs-apply.service" mount.options)
    ++ expect "driver" config.virtualisation.containers.storage.settings.storage.driver "overlay"
    ++ holds "storage.conf is written" config.virtualisation.containers.enable
    ++ expect "btrbk instances" (builtins.attrNames config.services.btrbk.instances) ["gold-tank"]
    ++ holds "snapper has a configuration" (config.services.snapper.configs != {})
    ++ holds "btrbk's unit requires the mount"
    (builtins.elem "/srv/tank" config.systemd.services.btrbk-gold-tank.unitConfig.RequiresMountsFor)
    ++ holds "snapper's unit requires the mount"
    (config.systemd.services.snapper-timeline.unitConfig.RequiresMountsFor != [])
    ++ holds "the container's unit requires its mounts"
    (config.systemd.services.podman-shop-db.unitConfig.RequiresMountsFor != [])
    ++ holds "a container that is no oci-container gets a drop-in"
    (config.systemd.services.notes.overrideStrategy == "asDropin")
    ++ holds "apply comes before local-fs.target"
    (builtins.elem "local-fs.target" config.systemd.services.podman-btrfs-apply.before);

  what-the-configuration-says-of-the-machine-is-declared = let
    # `pkgs` is read for nothing else here.
    machine = {
      options.virtualisation.podman.package = lib.mkOption {default = {version = "5.8.1";};};
      options.time.timeZone = lib.mkOption {default = "Europe/Berlin";};
      config._module.args.pkgs = lib.mkForce {
        stdenv.hostPlatform.system = "aarch64-linux";
        btrfs-progs.version = "6.17.2";
      };
    };
    inherit ((evaluate [machine {services.podmanBtrfs.host.memory = "8G";}]).config.services.podmanBtrfs) host;
  in
    expect "platform" host.platform "linux/arm64"
    ++ expect "Podman, without its patch level" host.podman "5.8"
    ++ expect "btrfs-progs, without its patch level" host.btrfsProgs "6.17"
    ++ expect "time zone" host.timeZone "Europe/Berlin"
    ++ expect "what is said here" host.memory "8G";

  what-encrypts-copies-is-there = let
    of = encryption: let
      inherit ((evaluate [../hosts/shop.nix {services.podmanBtrfs.targets.nas = {inherit encryption;};}]).config) environment services;
      names = map lib.getName (services.btrbk.extraPackages ++ environment.systemPackages);
    in {
      inherit (services.btrbk.instances.gold-tank.settings.volume."/srv/tank") target;
      programs = lib.filter (name: lib.elem name ["gnupg" "zstd"]) names;
    };
    plain = of null;
    encrypted = of {
      recipient = "5BC8D07EA8A3597F05D25B67889C6E5CCCEA96CE";
      keyring = "/etc/podman-btrfs/offsite.gpg";
    };
  in
    expect "without, what runs" plain.programs []
    ++ expect "without, the target" (lib.attrNames plain.target) ["ssh://nas/srv/backup"]
    ++ expect "for btrbk, and for who reads a copy back" encrypted.programs ["gnupg" "zstd" "gnupg" "zstd"]
    ++ expect "the target" (lib.attrNames encrypted.target) ["raw ssh://nas/srv/backup"]
    ++ expect "for whom" encrypted.target."raw ssh://nas/srv/backup".gpg_recipient "5BC8D07EA8A3597F05D25B67889C6E5CCCEA96CE";
}
