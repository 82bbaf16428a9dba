final: _previous: {
  podman-btrfs = final.callPackage ./package.nix {};
}
