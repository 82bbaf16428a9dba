# Disks, partitions and mounts. Each mount is written by exactly one side: disko's module, or this one.
{
  config,
  lib,
  options,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  filesystems = lib.attrValues cfg.plan.filesystems;
  hasDisko = options ? disko;
  isDiskos = filesystem: hasDisko && filesystem.origin.kind == "new";

  # The system's own mounts are made before there is a service manager that could order them.
  waits = mount: !mount.neededForBoot && mount.role != "system";
  ordering = mount: lib.optional (waits mount) "x-systemd.after=podman-btrfs-apply.service";

  mountsOf = filesystem: value:
    map (mount: lib.nameValuePair mount.mountPoint (value mount)) filesystem.mounts;

  whole = filesystem:
    mountsOf filesystem (mount: {
      inherit (filesystem) device;
      inherit (mount) neededForBoot;
      fsType = "btrfs";
      options = mount.options ++ ordering mount;
    });

  # Lists of options from two modules are joined, so only what disko does not know is added.
  addition = filesystem:
    mountsOf filesystem (mount: {
      inherit (mount) neededForBoot;
      options = ordering mount;
    });
in {
  config = lib.mkMerge [
    (lib.optionalAttrs hasDisko {
      disko.devices = lib.mkIf cfg.enable (cfg.bundle.nixos.disko.devices or {});
    })

    (lib.mkIf cfg.enable {
      services.podmanBtrfs.mounts = lib.listToAttrs (lib.concatMap whole filesystems);

      fileSystems =
        lib.listToAttrs
        (lib.concatMap (filesystem:
          if isDiskos filesystem
          then addition filesystem
          else whole filesystem)
        filesystems);
    })
  ];
}
