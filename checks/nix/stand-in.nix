# What NixOS' own modules make of containers and of btrbk's instances, for machines that are no NixOS: the units, with a
# stand-in image in place of all others. What podman-btrfs adds to those units comes from its module and is merged with it.
# Of `quadlets` Podman's own generator makes the units.
{quadlets ? []}: {
  config,
  lib,
  ...
}: let
  cfg = config.services.podmanBtrfs;
  image = "localhost/stand-in:1";
  archive = "/usr/share/stand-in.tar";

  # Every container runs this: it says in each of its volumes that it was there, and stays.
  command = lib.trim (builtins.readFile ../machine/stand-in.sh);

  # By the declaration, not by the plan, which reads what containers there are.
  declared = lib.subtractLists quadlets (lib.concatMap (workload: lib.attrNames workload.containers) (lib.attrValues cfg.workloads));

  planned =
    lib.mergeAttrsList (map (instance: instance.containers)
      (lib.concatMap (workload: workload.instances) (lib.attrValues cfg.plan.workloads)));

  container = name: {
    wantedBy = ["multi-user.target"];
    requires = ["stand-in-image.service"];
    after = ["stand-in-image.service"];
    serviceConfig = {
      # It is started when its program is, and what cannot start has failed.
      Type = "notify";
      NotifyAccess = "all";
      ExecStart = words (["/usr/bin/podman" "run" "--rm" "--replace" "--detach" "--sdnotify=conmon"]
        ++ ["--name=${name}" "--hostname=${name}" "--network=none"]
        ++ map (volume: "--volume=${volume}") cfg.containerVolumes.${name}
        ++ [image "sh" "-c" command "sh"]
        ++ lib.attrValues planned.${name}.mounts);
      ExecStop = words ["/usr/bin/podman" "stop" "--ignore" "--time=5" name];
    };
  };

  btrbk = name: instance: {
    service.serviceConfig = {
      User = "btrbk";
      Group = "btrbk";
      Type = "oneshot";
      ExecStart = words ["/usr/bin/btrbk" "-c" "/etc/btrbk/${name}.conf" "run"];
    };
    timer = {
      wantedBy = ["timers.target"];
      timerConfig.OnCalendar = instance.onCalendar;
      timerConfig.Persistent = true;
    };
    file.text = section 0 ({backend = "btrfs-progs-sudo";} // instance.settings);
  };

  # btrbk's own form: `option value`, and `section name` with what belongs to it below.
  # A section's own options come before the sections in it; a target after a subvolume would be that one's alone, so
  # NixOS' module puts them in this order.
  kinds = ["target" "subvolume" "volume"];
  section = depth: settings: let
    own = lib.filterAttrs (_: value: !builtins.isAttrs value) settings;
    inner = lib.filter (kind: settings ? ${kind}) kinds;
  in
    lib.concatStrings (lib.mapAttrsToList (option: value: line depth "${option} ${toString value}") own
      ++ lib.concatMap (kind:
        lib.mapAttrsToList (name: more: line depth "${kind} ${name}" + section (depth + 1) more)
        settings.${kind})
      inner);
  line = depth: text: lib.concatStrings (lib.replicate depth "  ") + text + "\n";

  instances = lib.mapAttrs btrbk config.services.btrbk.instances;

  ofBtrbk = mode: {
    inherit mode;
    user = "btrbk";
    group = "btrbk";
  };

  # systemd splits at blanks and expands `%`, `$` and backslashes.
  words = lib.concatMapStringsSep " " (word: ''"${lib.replaceStrings ["\\" "\"" "%" "$"] ["\\\\" "\\\"" "%%" "$$"] word}"'');
in {
  imports = [./stand-in-accounts.nix];

  virtualisation.oci-containers.containers = lib.genAttrs declared (_: {inherit image;});

  systemd = {
    services =
      lib.listToAttrs (map (name: lib.nameValuePair "podman-${name}" (container name)) declared)
      // lib.mapAttrs' (name: one: lib.nameValuePair "btrbk-${name}" one.service) instances
      // {
        stand-in-image = {
          wantedBy = ["multi-user.target"];
          unitConfig.RequiresMountsFor = cfg.plan.engine.requiresMountsFor;
          serviceConfig = {
            Type = "oneshot";
            RemainAfterExit = true;
            ExecStart = words ["/bin/sh" "-c" "podman image exists ${image} || podman import ${archive} ${image}"];
          };
        };
      };
    timers = lib.mapAttrs' (name: one: lib.nameValuePair "btrbk-${name}" one.timer) instances;

    # What is in NixOS' path of the running system.
    tmpfiles.settings.current-system."/run/current-system/sw/bin/podman-btrfs"."L+".argument = "${cfg.package}/bin/podman-btrfs";
    tmpfiles.settings.btrbk = {
      "/var/lib/btrbk".d = ofBtrbk "0750";
      "/var/lib/btrbk/.ssh".d = ofBtrbk "0700";
      "/var/lib/btrbk/.ssh/config".f = ofBtrbk "0700" // {argument = "StrictHostKeyChecking=accept-new";};
    };
  };

  # btrbk runs as a user of its own, with root's rights for what it calls.
  users = {
    users.btrbk = {
      isSystemUser = true;
      home = "/var/lib/btrbk";
      shell = "bash";
      group = "btrbk";
    };
    groups.btrbk = {};
  };
  security.sudo.extraRules = [
    {
      users = ["btrbk"];
      commands = map (program: {
        command = program;
        options = ["NOPASSWD"];
      }) (lib.concatMap (name: ["/usr/bin/${name}" "/run/current-system/sw/bin/${name}"]) ["btrfs" "mkdir" "readlink"]);
    }
  ];

  environment.etc = lib.mapAttrs' (name: one: lib.nameValuePair "btrbk/${name}.conf" one.file) instances;
}
