{pkgs}: let
  inherit (pkgs) lib;
  inherit (import ./packages.nix {inherit pkgs;}) podman-btrfs;

  app = name: description: attributes: {
    type = "app";
    program = lib.getExe (pkgs.writeShellApplication ({inherit name;} // attributes));
    meta = {inherit description;};
  };
in {
  # `nix run .#plan -- host.nix`
  plan = app "plan" "Plans a host from its declaration" {
    text = ''exec ${lib.getExe podman-btrfs} plan "$@"'';
  };

  # In the folder of a flake: `nix run github:podman-btrfs/podman-btrfs#refresh`
  refresh = app "refresh" "Writes the committed plans of a flake's hosts anew" {
    runtimeInputs = [pkgs.coreutils pkgs.diffutils pkgs.nix];
    text = builtins.readFile ./refresh.sh;
  };
}
