# The module as the flake gives it: with the flake's own helper, unless the overlay, or nixpkgs itself, has another.
{packages}: {
  lib,
  pkgs,
  ...
}: let
  helper = platform: let
    inherit (platform) system;
  in
    lib.mkIf (!(pkgs ? podman-btrfs) && packages ? ${system}) (lib.mkDefault packages.${system}.podman-btrfs);
in {
  services.podmanBtrfs = {
    package = helper pkgs.stdenv.hostPlatform;
    planner = helper pkgs.stdenv.buildPlatform;
  };
}
