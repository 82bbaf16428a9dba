# The machine itself.
{lib, ...}: let
  inherit (lib) types;
  inherit (import ./make.nix {inherit lib;}) generated mkUnsaid text;
in {
  options = {
    platform = mkUnsaid (types.enum generated.platforms) {
      example = "linux/arm64";
      description = "Its own operating system and architecture, by default those of the configuration. Null: unknown.";
    };

    kernel = mkUnsaid types.str {
      example = "6.12";
      description = ''
        Version of its kernel; simple quotas, for example, need 6.7. It has no default: reading `boot.kernelPackages`
        while disko's module sets `boot` from the plan would never end. Null: unknown.
      '';
    };

    podman = mkUnsaid types.str {
      example = "5.8";
      description = ''
        Version of Podman, by default major and minor number of `virtualisation.podman.package`. It decides which files
        and keys `storage.conf` is made of. Null: unknown.
      '';
    };

    btrfsProgs = mkUnsaid types.str {
      example = "6.17";
      description = "Version of btrfs-progs, by default major and minor number of `pkgs.btrfs-progs`. Null: unknown.";
    };

    memory = mkUnsaid (text "such as `200G`") {
      example = "64G";
      description = "Its main memory. Null: unknown.";
    };

    cpus = mkUnsaid types.ints.positive {
      example = 16;
      description = "How many processors it has. Null: unknown.";
    };

    timeZone = mkUnsaid types.str {
      example = "Europe/Berlin";
      description = "Its time zone, in which calendars and retention count days, by default `time.timeZone`. Null: UTC.";
    };
  };
}
