# One Btrfs filesystem.
{lib, ...}: let
  inherit (lib) mkOption types;
  inherit (import ./make.nix {inherit lib;}) generated mkUnsaid text;
in {
  options = {
    disks = mkOption {
      type = types.listOf types.str;
      default = [];
      example = ["/dev/disk/by-id/nvme-a" "/dev/disk/by-id/nvme-b"];
      description = ''
        Whole disks of a new host. With disko's module imported, `disko.devices` is set to partition and format
        them; without it only the mounts are, and the `disko.nix` that `podman-btrfs plan --out` writes is for
        disko's command line.
      '';
    };

    device = mkUnsaid types.str {
      example = "/dev/disk/by-uuid/3f1c5d5e-9f0e-4f0e-8a83-3f6f3a1f2b11";
      description = "An existing Btrfs filesystem, in place of `disks`. It is never formatted and never repartitioned.";
    };

    dataProfile = mkUnsaid (types.enum generated.profiles) {
      example = "raid1";
      description = "Block group profile of data. Null: decided by the number of disks.";
    };

    metadataProfile = mkUnsaid (types.enum generated.profiles) {
      example = "raid1";
      description = "Block group profile of metadata. Null: decided.";
    };

    media = mkUnsaid (types.enum generated.media) {
      example = "nvme";
      description = "What the devices are made of. Null: unknown.";
    };

    capacity = mkUnsaid (text "such as `200G`") {
      example = "2T";
      description = "Size of the smallest disk, or of the existing filesystem. Null: unknown.";
    };

    diskSizes = mkOption {
      type = types.listOf (text "such as `4T`");
      default = [];
      example = ["4T" "2T" "2T"];
      description = ''
        Sizes of the disks where they differ, in the order of `disks`; of an existing filesystem, of all its devices.
        They hold in place of `capacity`. Empty: every disk has `capacity`.
      '';
    };

    encryption = mkUnsaid (types.enum generated.encryptions) {
      example = "luks";
      description = "Encryption below the filesystem. Null: none.";
    };

    system = mkUnsaid types.bool {
      example = true;
      description = "Whether it also holds `/`, `/nix`, `/var/log` and the EFI system partition. Null: no.";
    };

    ephemeralRoot = mkUnsaid types.bool {
      example = true;
      description = ''
        Whether `/` is begun anew at each boot, so that only what is kept elsewhere stays. `/persist` becomes a mount
        of its own; it needs `system`. A unit of the initial ram disk puts the old root aside. Null: no.
      '';
    };

    swap = mkUnsaid (text "such as `200G`") {
      example = "8G";
      description = ''
        Size of a swap file on a new filesystem of one disk, which disko makes in a subvolume of its own. Null: none.
      '';
    };

    mountPoint = mkUnsaid types.str {
      example = "/srv/tank";
      description = "Where its volumes appear on the host. Null: `/srv/<name>`.";
    };

    upkeep = mkOption {
      type = types.submodule ./upkeep.nix;
      default = {};
      example = {scrub = "quarterly";};
      description = "What is done to it regularly.";
    };

    existing = mkOption {
      type = types.submodule ./existing/filesystem.nix;
      default = {};
      example = {mounts."/home" = {subvolume = "@home";};};
      description = "What is there of it today and the plan does not own. None of it is ever changed.";
    };
  };
}
