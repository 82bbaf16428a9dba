{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    disko = {
      url = "github:nix-community/disko";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    podman-btrfs = {
      url = "github:podman-btrfs/podman-btrfs";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs = {
    nixpkgs,
    disko,
    podman-btrfs,
    ...
  }: {
    nixosConfigurations.ephemeral-root = nixpkgs.lib.nixosSystem {
      modules = [
        disko.nixosModules.disko
        podman-btrfs.nixosModules.default
        ./host.nix
        ./system.nix
      ];
    };
  };
}
