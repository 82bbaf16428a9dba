{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    podman-btrfs = {
      url = "github:podman-btrfs/podman-btrfs";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  # No disko: nothing is formatted and nothing is repartitioned.
  outputs = {
    nixpkgs,
    podman-btrfs,
    ...
  }: {
    nixosConfigurations.existing-host = nixpkgs.lib.nixosSystem {
      modules = [
        podman-btrfs.nixosModules.default
        ./host.nix
        ./system.nix
      ];
    };
  };
}
