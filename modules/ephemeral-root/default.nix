# The unit of the initial ram disk that begins `/` anew, where a filesystem is declared with `ephemeralRoot`.
{
  config,
  lib,
  utils,
  ...
}: let
  cfg = config.services.podmanBtrfs;

  # Of the declaration and not of the plan: planning reads users' numbers, and with them what NixOS says of `boot`.
  declared = lib.attrNames (lib.filterAttrs (_: filesystem: lib.elem filesystem.ephemeralRoot [true]) cfg.filesystems);
  isEphemeral = cfg.enable && declared != [];

  # None where the declaration has errors.
  roots =
    lib.filter (mount: mount.mountPoint == "/")
    (lib.concatMap (name: cfg.plan.filesystems.${name}.mounts or []) declared);
  isPlanned = roots != [];

  # As it will be mounted, under disko's name for it where disko mounts it.
  device = config.fileSystems."/".device;

  # No value becomes a part of the script.
  environment = {
    DEVICE = device;
    ROOT = lib.removePrefix "/" (lib.head roots).subvolume;
    KEEP = toString cfg.ephemeralRoot.keep;
    PLACE = "/run/podman-btrfs-root";
  };
  script = builtins.readFile ./begin.sh;

  hasSystemd = config.boot.initrd.systemd.enable;
  unit = "${utils.escapeSystemdPath device}.device";
in {
  options.services.podmanBtrfs.ephemeralRoot.keep = lib.mkOption {
    type = lib.types.ints.unsigned;
    default = 5;
    example = 30;
    description = ''
      How many old roots are kept in `@old-roots` of the filesystem that has `ephemeralRoot`, each named by its number and the
      time it was put aside. An older one is deleted, unless it holds a subvolume with something in it.
    '';
  };

  config = lib.mkIf isEphemeral {
    boot.initrd = {
      supportedFilesystems = ["btrfs"];

      systemd.services.podman-btrfs-begin-root = lib.mkIf (hasSystemd && isPlanned) {
        description = "A new root subvolume in place of the old one";
        wantedBy = ["initrd.target"];
        requires = [unit];
        # What is to be resumed has this root mounted.
        after = [unit "systemd-hibernate-resume.service"];
        # Where it fails, the old root is mounted as it was, or the mount itself says that there is none.
        before = ["sysroot.mount" "shutdown.target"];
        conflicts = ["shutdown.target"];
        unitConfig.DefaultDependencies = false;
        serviceConfig.Type = "oneshot";
        inherit environment script;
      };

      # The older initial ram disk, without a service manager. A failure ends the subshell and not the boot.
      postDeviceCommands = lib.mkIf (!hasSystemd && isPlanned) (lib.mkAfter ''
        (
        ${lib.toShellVars environment}
        ${script}
        ) || echo "podman-btrfs: the root was not begun anew"
      '');
    };
  };
}
