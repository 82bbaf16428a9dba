# What the configuration says of the machine itself. Nothing read here is set by the plan; the kernel is not read,
# because disko's module sets all of `boot` from its devices, which come from the plan.
{
  config,
  lib,
  pkgs,
  ...
}: let
  # A plan that changed with every patch release would be stale after every update of nixpkgs.
  majorMinor = version:
    if version == null
    then null
    else lib.versions.majorMinor version;

  # As image manifests name them.
  platforms = {
    x86_64-linux = "linux/amd64";
    aarch64-linux = "linux/arm64";
    armv7l-linux = "linux/arm/v7";
    i686-linux = "linux/386";
    riscv64-linux = "linux/riscv64";
    powerpc64le-linux = "linux/ppc64le";
    s390x-linux = "linux/s390x";
  };
in {
  services.podmanBtrfs.host = lib.mapAttrs (_: lib.mkDefault) {
    platform = platforms.${pkgs.stdenv.hostPlatform.system or "unknown"} or null;
    podman = majorMinor (config.virtualisation.podman.package.version or null);
    btrfsProgs = majorMinor (pkgs.btrfs-progs.version or null);
    timeZone = config.time.timeZone or null;
  };
}
