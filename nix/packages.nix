{pkgs}: rec {
  podman-btrfs = pkgs.callPackage ./package.nix {};
  default = podman-btrfs;
}
