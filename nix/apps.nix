{pkgs}: let
  inherit (pkgs) lib;
  inherit (import ./packages.nix {inherit pkgs;}) podman-btrfs;

  app = name: description: {
    type = "app";
    program = lib.getExe (pkgs.writeShellApplication {
      inherit name;
      text = ''exec ${lib.getExe podman-btrfs} ${name} "$@"'';
    });
    meta = {inherit description;};
  };
in {
  # `nix run .#plan -- host.nix`
  plan = app "plan" "Plans a host from its declaration";
}
