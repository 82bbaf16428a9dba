# What a declaration takes for granted, in a virtual machine: its disks, formatted; the places of copies; its containers,
# with one image in place of all theirs but of `quadlets`.
{
  disks ? {},
  size_gib ? 8,
  others ? {},
  quadlets ? [],
}: {
  config,
  lib,
  pkgs,
  utils,
  ...
}: let
  cfg = config.services.podmanBtrfs;

  inherit (cfg) plan;

  # By the declaration: what containers there are cannot depend on a plan that reads their images.
  declared = lib.subtractLists quadlets (lib.concatMap (workload: lib.attrNames workload.containers) (lib.attrValues cfg.workloads));
  userOf = lib.mergeAttrsList (map (workload: lib.mapAttrs (_: _: workload.user) workload.containers) (lib.attrValues cfg.workloads));
  users = lib.unique (lib.filter (user: user != null) (lib.attrValues userOf));
  instances = lib.concatMap (workload: workload.instances) (lib.attrValues plan.workloads);
  containers = lib.mergeAttrsList (map (instance: instance.containers) instances);

  # Disks by filesystem; the serial number is how they are found.
  disksOf = name: let
    declared = lib.length (plan.filesystems.${name}.origin.disks or []);
  in
    map (number: "${name}-${toString number}") (lib.range 1 (disks.${name} or (lib.max 1 declared)));
  filesystems =
    lib.mapAttrs (name: filesystem: {
      serials = disksOf name;
      inherit (filesystem) device dataProfile metadataProfile;
    })
    plan.filesystems
    // lib.mapAttrs (label: _: {
      serials = disksOf label;
      device = "/dev/disk/by-label/${label}";
      dataProfile = null;
      metadataProfile = null;
    })
    others;

  devices = filesystem: map (serial: "/dev/disk/by-id/virtio-${serial}") filesystem.serials;

  mkfs = filesystem: let
    identity =
      if dirOf filesystem.device == "/dev/disk/by-uuid"
      then "--uuid"
      else "--label";
    profile = option: value: lib.optionals (value != null && lib.length filesystem.serials > 1) [option value];
  in
    lib.escapeShellArgs (["mkfs.btrfs" "--quiet" identity (baseNameOf filesystem.device)]
      ++ profile "--data" filesystem.dataProfile
      ++ profile "--metadata" filesystem.metadataProfile
      ++ devices filesystem);

  # Formatted at the first boot only: a test reboots.
  formatOnce = filesystem: ''
    blkid ${lib.head (devices filesystem)} || ${mkfs filesystem}
  '';

  deviceUnits =
    map (device: "${utils.escapeSystemdPath device}.device")
    (lib.concatMap devices (lib.attrValues filesystems));

  # It says in each of its volumes that it was there, and stays.
  standIn = pkgs.dockerTools.buildImage {
    name = "localhost/stand-in";
    tag = "1";
    copyToRoot = [pkgs.busybox];
  };
in {
  # Their images come from it; as Debian's, it is at port 5000.
  services.dockerRegistry.enable = quadlets != [];

  # Unknown, so that the committed plan holds with every nixpkgs.
  services.podmanBtrfs.host = lib.genAttrs ["platform" "podman" "btrfsProgs" "timeZone"] (_: lib.mkForce null);

  virtualisation = {
    memorySize = 2048;
    emptyDiskImages = map (serial: {
      size = size_gib * 1024;
      driveConfig.deviceExtraOpts.serial = serial;
    }) (lib.concatMap (filesystem: filesystem.serials) (lib.attrValues filesystems));

    # The machine's root is its own, so the system's mounts are not the plan's.
    fileSystems =
      lib.filterAttrs (_: mount: !mount.neededForBoot) cfg.mounts
      // lib.mapAttrs' (label: place:
        lib.nameValuePair place {
          device = "/dev/disk/by-label/${label}";
          fsType = "btrfs";
        })
      others;

    podman.enable = true;
    oci-containers.backend = "podman";
    oci-containers.containers = lib.genAttrs declared (name: {
      podman = lib.mkIf (userOf.${name} != null) {user = userOf.${name};};
      image = "localhost/stand-in:1";
      hostname = name;
      volumes = cfg.containerVolumes.${name};
      cmd = ["sh" "-c" (builtins.readFile ../machine/stand-in.sh) "sh"] ++ lib.attrValues containers.${name}.mounts;
      extraOptions = ["--network=none"];
    });
  };

  users.users = lib.genAttrs users (name: {
    isNormalUser = true;
    uid = cfg.engine.users.${name}.uid or null;
  });

  # Not by `imageFile`, which has the reference mean the stand-in again at each start, whatever a test had it mean.
  systemd.services =
    lib.genAttrs (map (name: "podman-${name}") declared) (_: {
      serviceConfig.ExecStartPre =
        lib.mkBefore ["/bin/sh -c 'podman image exists localhost/stand-in:1 || podman load --input ${standIn}'"];
    })
    // {
      make-disks = {
        description = "Btrfs on the machine's disks";
        unitConfig.DefaultDependencies = false;
        requiredBy = ["podman-btrfs-apply.service"];
        before = ["podman-btrfs-apply.service"];
        after = deviceUnits;
        requires = deviceUnits;
        path = [pkgs.btrfs-progs pkgs.util-linux];
        serviceConfig.Type = "oneshot";
        serviceConfig.RemainAfterExit = true;
        script = lib.concatMapStrings formatOnce (lib.attrValues filesystems);
      };
    };
}
