# What only the checks need. It is a flake of its own, so that its inputs are in no user's lock file.
{
  description = "Inputs of podman-btrfs' checks";

  inputs = {
    disko.url = "github:nix-community/disko";
    disko.inputs.nixpkgs.follows = "";
    # nixpkgs' `lib` alone: enough to evaluate the module, and small.
    nixpkgs-lib.url = "github:nix-community/nixpkgs.lib";
  };

  outputs = inputs: {inherit inputs;};
}
