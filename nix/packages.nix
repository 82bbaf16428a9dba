{pkgs}: rec {
  podman-btrfs = pkgs.callPackage ./package.nix {};
  default = podman-btrfs;
  # Runs anywhere, such as on a host that is being rescued.
  podman-btrfs-static = pkgs.pkgsStatic.callPackage ./package.nix {};
}
