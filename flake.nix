{
  description = "Podman workloads on Btrfs: planned, proved and kept, for NixOS";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = {
    self,
    nixpkgs,
  }: let
    inherit (nixpkgs) lib;
    forEachSystem = value: lib.genAttrs ["x86_64-linux" "aarch64-linux"] (system: value nixpkgs.legacyPackages.${system});
  in {
    nixosModules = rec {
      default = podmanBtrfs;
      podmanBtrfs = {
        # Imported twice, it is one.
        key = "podman-btrfs#nixosModules.podmanBtrfs";
        _file = "podman-btrfs";
        imports = [
          ./modules
          (import ./nix/flake-module.nix {inherit (self) packages;})
        ];
      };
      receiver = ./modules/receiver;
    };
    overlays.default = import ./nix/overlay.nix;
    templates = import ./templates;

    packages = forEachSystem (pkgs: import ./nix/packages.nix {inherit pkgs;});
    apps = forEachSystem (pkgs: import ./nix/apps.nix {inherit pkgs;});
    devShells = forEachSystem (pkgs: import ./nix/devshell.nix {inherit pkgs;});
    formatter = forEachSystem (pkgs: import ./nix/formatter.nix {inherit pkgs;});
    checks = forEachSystem (pkgs: import ./checks {inherit pkgs;});
  };
}
