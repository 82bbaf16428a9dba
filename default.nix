# Without flakes: `(import podman-btrfs {}).nixosModules.default`, `nix-build -A podman-btrfs`.
# The module and the overlay are there without any nixpkgs.
{pkgs ? import <nixpkgs> {}}: let
  packages = import ./nix/packages.nix {inherit pkgs;};
in {
  inherit (packages) default podman-btrfs podman-btrfs-static;

  nixosModules = rec {
    default = ./modules;
    podmanBtrfs = default;
  };
  overlays.default = import ./nix/overlay.nix;
}
