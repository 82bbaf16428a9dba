{pkgs}: let
  inherit (import ./packages.nix {inherit pkgs;}) podman-btrfs;
  plan = pkgs.writeShellApplication {
    name = "plan";
    text = ''exec ${pkgs.lib.getExe podman-btrfs} plan "$@"'';
  };
in {
  # `nix run .#plan -- host.nix`
  plan = {
    type = "app";
    program = pkgs.lib.getExe plan;
    meta.description = "Plans a host from its declaration";
  };
}
