# What NixOS' own modules make of users, of sudo's rules, of sshd and of ssh's known hosts, for machines that are no NixOS: the
# files that NixOS writes for them, and the unit of sshd. The users are made by systemd-sysusers, as NixOS can have it too.
{
  config,
  lib,
  ...
}: let
  inherit (config) users;

  # Shells are the machine's own.
  shellOf = user:
    if user.shell == null && !user.isNormalUser
    then "/usr/sbin/nologin"
    else "/bin/bash";
  user = name: one: "u ${name} ${
    if one.uid == null
    then "-"
    else toString one.uid
  }:${
    if one.group == "" && one.isNormalUser
    then "users"
    else one.group
  } - ${homeOf name one} ${shellOf one}";
  homeOf = name: one:
    if one.home == "" && one.isNormalUser
    then "/home/${name}"
    else one.home;

  # NixOS hands out ranges from there on, one after another.
  withRanges = lib.attrNames (lib.filterAttrs (_: one: one.autoSubUidGidRange) users.users);
  ranges = lib.concatStrings (lib.imap0 (number: name: "${name}:${toString (100000 + number * 65536)}:65536\n") withRanges);
  normal = lib.filterAttrs (_: one: one.isNormalUser) users.users;
  lingering = lib.filterAttrs (_: one: one.linger == true) users.users;

  keysOf = name: one:
    lib.nameValuePair "ssh/authorized_keys.d/${name}" {
      text = lib.concatMapStrings (key: "${key}\n") one.openssh.authorizedKeys.keys;
    };

  rule = one: let
    commands = map (command: lib.concatMapStrings (option: "${option}:") command.options + " ${command.command}") one.commands;
  in
    map (name: "${name} ALL=(ALL:ALL) ${lib.concatStringsSep ", " commands}\n") one.users;

  knownHost = name: one: "${lib.concatStringsSep "," (
    if one.hostNames == []
    then [name]
    else one.hostNames
  )} ${one.publicKey}\n";
in {
  environment.etc =
    # NixOS' sudo takes the path as it is: its rules name the programs there.
    {
      sudoers = {
        mode = "0440";
        text = "root ALL=(ALL:ALL) SETENV: ALL\n" + lib.concatStrings (lib.concatMap rule config.security.sudo.extraRules);
      };
      environment.text = "PATH=/run/current-system/sw/bin:/usr/local/bin:/usr/bin:/usr/sbin\n";
      # Before what the machine itself has.
      "sysusers.d/00-declared.conf".text = lib.concatStrings (
        map (name: "g ${name} -\n") (lib.attrNames users.groups) ++ lib.mapAttrsToList (name: one: user name one + "\n") users.users
      );
    }
    // lib.optionalAttrs (withRanges != []) {
      subuid.text = ranges;
      subgid.text = ranges;
    }
    // lib.mapAttrs' keysOf (lib.filterAttrs (_: one: one.openssh.authorizedKeys.keys != []) users.users)
    // lib.optionalAttrs (config.programs.ssh.knownHosts != {}) {
      "ssh/ssh_known_hosts".text = lib.concatStrings (lib.mapAttrsToList knownHost config.programs.ssh.knownHosts);
    }
    // lib.optionalAttrs (config.programs.ssh.extraConfig != "") {
      "ssh/ssh_config".text = "${config.programs.ssh.extraConfig}\nHost *\n  GlobalKnownHostsFile /etc/ssh/ssh_known_hosts\n";
    }
    // lib.optionalAttrs config.services.openssh.enable {
      "ssh/sshd_config".text = ''
        AuthorizedKeysFile %h/.ssh/authorized_keys /etc/ssh/authorized_keys.d/%u
        UsePAM yes
        Subsystem sftp /usr/lib/openssh/sftp-server
        ${config.services.openssh.extraConfig}'';
    };

  systemd = {
    services = lib.optionalAttrs config.services.openssh.enable {
      sshd = {
        wantedBy = ["multi-user.target"];
        after = ["network.target"];
        serviceConfig = {
          # Host keys are made at the first start.
          ExecStartPre = "/usr/bin/ssh-keygen -A";
          ExecStart = "/usr/sbin/sshd -D -f /etc/ssh/sshd_config";
          RuntimeDirectory = "sshd";
          KillMode = "process";
        };
      };
    };

    # Where the rules of sudo look for programs.
    tmpfiles.settings.current-system =
      lib.genAttrs
      (map (name: "/run/current-system/sw/bin/${name}") ["btrfs" "mkdir" "readlink"])
      (path: {"L+".argument = "/usr/bin/${baseNameOf path}";});
    tmpfiles.settings.homes =
      {"/var/empty".d.mode = "0555";}
      // lib.mapAttrs' (name: one:
        lib.nameValuePair (homeOf name one) {
          d = {
            mode = "0700";
            user = name;
            group = "users";
          };
        })
      normal;
    # The service manager of each of these is started at the boot.
    tmpfiles.settings.linger = lib.mapAttrs' (name: _: lib.nameValuePair "/var/lib/systemd/linger/${name}" {f.mode = "0644";}) lingering;
  };
}
