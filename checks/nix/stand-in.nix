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

  # Its volumes and what it does.
  runs = name:
    map (volume: "--volume=${volume}") cfg.containerVolumes.${name}
    ++ [image "sh" "-c" command "sh"]
    ++ lib.attrValues planned.${name}.mounts;

  # Who runs a container.
  owners = lib.concatMapAttrs (_: workload: lib.mapAttrs (_: _: workload.user) workload.containers) cfg.workloads;
  userOf = name: owners.${name} or null;
  rootless = lib.unique (lib.filter (user: user != null) (lib.attrValues owners));
  account = user: config.users.users.${user};

  ofRoot = name: {
    wantedBy = ["multi-user.target"];
    requires = ["stand-in-image.service"];
    after = ["stand-in-image.service"];
    serviceConfig = {
      # It is started when its program is, and what cannot start has failed.
      Type = "notify";
      NotifyAccess = "all";
      ExecStart = words (["/usr/bin/podman" "run" "--rm" "--replace" "--detach" "--sdnotify=conmon"]
        ++ ["--name=${name}" "--hostname=${name}" "--network=none"]
        ++ runs name);
      ExecStop = words ["/usr/bin/podman" "stop" "--ignore" "--time=5" name];
    };
  };

  # A unit of the system that is run as the user.
  ofUser = name: user: let
    runtime = "/run/user/${toString (account user).uid}";
  in {
    wantedBy = ["multi-user.target"];
    requires = ["stand-in-image-of-${user}.service"];
    after = ["stand-in-image-of-${user}.service"];
    unitConfig.RequiresMountsFor = ["${runtime}/containers"];
    serviceConfig = {
      User = user;
      Environment = ["HOME=${homeOf user}" "PODMAN_SYSTEMD_UNIT=%n"];
      Type = "notify";
      NotifyAccess = "all";
      RuntimeDirectory = name;
      TimeoutStartSec = 0;
      # There it is 120: what is stopped before it listens to signals waits for that long.
      TimeoutStopSec = 4;
      Restart = "always";
      ExecStart = words (["/usr/bin/podman" "run" "--name=${name}" "--log-driver=journald" "--cidfile=/run/${name}/ctr-id" "--cgroups=enabled"]
        ++ ["--sdnotify=conmon" "-d" "--replace" "--rm" "--pull=missing" "--hostname=${name}" "--network=none"]
        ++ runs name);
      ExecStop = words ["/usr/bin/podman" "stop" "--ignore" "--time=5" "--cidfile=/run/${name}/ctr-id"];
      ExecStopPost = words ["/usr/bin/podman" "rm" "-f" "--ignore" "--cidfile=/run/${name}/ctr-id"];
    };
  };

  container = name:
    if userOf name == null
    then ofRoot name
    else ofUser name (userOf name);

  homeOf = user: let
    inherit (account user) home;
  in
    if home == ""
    then "/home/${user}"
    else home;

  # The user's service manager, where it is there without anybody logged in.
  servesOf = user: lib.optional ((account user).linger == true) "user@${toString (account user).uid}.service";

  imageOf = user:
    lib.nameValuePair "stand-in-image-of-${user}" {
      wantedBy = ["multi-user.target"];
      requires = ["podman-btrfs-apply.service"] ++ servesOf user;
      after = ["podman-btrfs-apply.service"] ++ servesOf user;
      unitConfig.RequiresMountsFor = [cfg.plan.engine.users.${user}.graphRoot];
      serviceConfig = {
        User = user;
        Environment = ["HOME=${homeOf user}"];
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = words ["/bin/sh" "-c" "podman image exists ${image} || podman import ${archive} ${image}"];
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

  virtualisation.oci-containers.containers =
    lib.genAttrs declared (name:
      {inherit image;} // lib.optionalAttrs (userOf name != null) {podman.user = userOf name;});

  systemd = {
    services =
      lib.listToAttrs (map (name: lib.nameValuePair "podman-${name}" (container name)) declared)
      // lib.listToAttrs (map imageOf rootless)
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
