# The unit that begins `/` anew, in both kinds of initial ram disk; its texts, which checks/nix/ephemeral_root.py runs.
{
  lib,
  evaluate,
}: let
  host = more: (evaluate [../../tests/scenarios/ephemeral-root/host.nix {fileSystems."/".device = "/dev/disk/by-label/main";} more]).config;
  withSystemd = host {boot.initrd.systemd.enable = true;};
  scripted = host {boot.initrd.systemd.enable = false;};
  unit = withSystemd.boot.initrd.systemd.services.podman-btrfs-begin-root;

  expect = what: actual: expected:
    lib.optional (actual != expected) "${what}: expected ${builtins.toJSON expected}, found ${builtins.toJSON actual}";
  without = host {services.podmanBtrfs.filesystems.main.ephemeralRoot = lib.mkForce null;};
in {
  cases = {
    an-ephemeral-root-is-begun-before-it-is-mounted =
      expect "before" (lib.elem "sysroot.mount" unit.before) true
      ++ expect "after" unit.after ["dev-disk-by\\x2dlabel-main.device" "systemd-hibernate-resume.service"]
      ++ expect "environment" unit.environment {
        DEVICE = "/dev/disk/by-label/main";
        ROOT = "@";
        KEEP = "5";
        PLACE = "/run/podman-btrfs-root";
      }
      ++ expect "a script beside it" withSystemd.boot.initrd.postDeviceCommands ""
      ++ expect "a unit beside the script" scripted.boot.initrd.systemd.services {};

    a-root-that-is-kept-has-no-unit =
      expect "units" without.boot.initrd.systemd.services {} ++ expect "script" without.boot.initrd.postDeviceCommands "";
  };

  texts = {
    inherit (unit) environment script;
    scripted = scripted.boot.initrd.postDeviceCommands;
  };
}
