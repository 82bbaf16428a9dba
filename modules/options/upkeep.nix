# What is done regularly to one filesystem.
{lib, ...}: let
  inherit (lib) types;
  inherit (import ./make.nix {inherit lib;}) mkUnsaid;
in {
  options = {
    scrub = mkUnsaid (types.enum ["never" "weekly" "monthly" "quarterly"]) {
      example = "quarterly";
      description = "How often everything is read and held against its checksums. Null: decided.";
    };

    trim = mkUnsaid (types.enum ["never" "weekly" "continuous"]) {
      example = "weekly";
      description = ''
        How the device hears of blocks that are free again: by `fstrim` each week, or by the kernel soon after they are
        free. The option that discards on the mounts follows. Null: decided.
      '';
    };

    balance = mkUnsaid types.bool {
      example = false;
      description = ''
        Whether chunks of data that are mostly empty are given back when unallocated space runs low. Null: decided.
      '';
    };
  };
}
