# The receiving side: what it refuses, and the texts that checks/nix/receiver.py runs on a real Btrfs.
{
  lib,
  modules,
  evaluateRaw,
}: let
  key = letter: "ssh-ed25519 ${lib.concatStrings (lib.genList (_: letter) 68)} btrbk@${letter}";

  # Alone: nothing of the rest of the module is there.
  receiving = receiver:
    evaluateRaw [
      (modules + "/receiver")
      {services.podmanBtrfs.receiver = {enable = true;} // receiver;}
    ];

  three = receiving {
    sources = {
      alone.publicKey = key "A";
      adding = {
        publicKey = key "B";
        appendOnly = true;
        from = ["192.0.2.0/24" "!192.0.2.9"];
      };
      elsewhere = {
        publicKey = key "C";
        path = "/srv/backup/by/hand";
        mayRead = false;
      };
      files = {
        publicKey = key "D";
        encrypted = true;
      };
      keeping = {
        publicKey = key "E";
        encrypted = true;
        appendOnly = true;
      };
    };
  };
  user = three.config.users.users.backup;
  rights = map (command: command.command) (lib.concatMap (rule: rule.commands) three.config.security.sudo.extraRules);

  rootScript = lib.head (lib.splitString " " (lib.findFirst (lib.hasInfix "receiver-root") "" rights));

  refused = evaluated: map (one: one.message) (lib.filter (one: !one.assertion) evaluated.config.assertions);
  expect = what: actual: expected:
    lib.optional (actual != expected) "${what}: expected ${builtins.toJSON expected}, found ${builtins.toJSON actual}";
  holds = what: condition: lib.optional (!condition) what;
  saysOnce = evaluated: words: let
    messages = refused evaluated;
  in
    expect "number of assertions" (lib.length messages) 1
    ++ map (word: "it does not say `${word}`: ${toString messages}") (lib.filter (word: !lib.hasInfix word (toString messages)) words);
  fails = evaluated: value: !(builtins.tryEval (builtins.deepSeq (value evaluated.config) true)).success;
  lines = evaluated: evaluated.config.users.users.backup.openssh.authorizedKeys.keys;
in {
  cases = {
    a-receiver-stands-alone =
      expect "assertions" (refused three) []
      ++ expect "keys" (lib.length user.openssh.authorizedKeys.keys) 5
      ++ map (line: "not restricted: ${line}") (lib.filter (line: !lib.hasPrefix ''restrict,command="/'' line) user.openssh.authorizedKeys.keys)
      ++ expect "which of them say where from"
      (map (lib.hasInfix '',from="192.0.2.0/24,!192.0.2.9" ssh-ed25519 B'') user.openssh.authorizedKeys.keys) [true false false false false]
      ++ expect "which of them may delete" (map (lib.hasInfix " --delete ") user.openssh.authorizedKeys.keys) [false true true true false]
      ++ expect "which of them may read back" (map (lib.hasInfix " --read ") user.openssh.authorizedKeys.keys) [true true false true true]
      ++ expect "which of them send files" (map (lib.hasInfix " --files /srv/") user.openssh.authorizedKeys.keys) [false false false true true]
      ++ expect "what root does besides" (map (rule: lib.concatStringsSep " " (lib.tail (lib.splitString " " rule))) (lib.filter (lib.hasInfix "receiver-root") rights)) [
        "/srv/backup/adding receive *"
        "/srv/backup/adding clear *"
        "/srv/backup/adding send *"
        "/srv/backup/adding records *"
        "/srv/backup/alone receive *"
        "/srv/backup/alone clear *"
        "/srv/backup/alone send *"
        "/srv/backup/alone records *"
        "/srv/backup/by/hand receive *"
        "/srv/backup/by/hand clear *"
        "/srv/backup/files describe *"
        "/srv/backup/files write *"
        "/srv/backup/files complete *"
        "/srv/backup/files describe-all *"
        "/srv/backup/files read *"
        "/srv/backup/files remove *"
        "/srv/backup/keeping describe *"
        "/srv/backup/keeping write *"
        "/srv/backup/keeping complete *"
        "/srv/backup/keeping describe-all *"
        "/srv/backup/keeping read *"
      ]
      ++ holds "a source that vanished is not noticed" (lib.hasInfix "Match User backup\n  ClientAliveInterval" three.config.services.openssh.extraConfig)
      ++ expect "what may be deleted as root" (lib.filter (lib.hasInfix "delete") rights) [
        "/run/current-system/sw/bin/btrfs subvolume delete --commit-after /srv/backup/alone/*"
        "/run/current-system/sw/bin/btrfs subvolume delete --commit-after /srv/backup/by/hand/*"
      ]
      ++ expect "directories" (lib.tail three.config.systemd.services.podman-btrfs-receiver.serviceConfig.ExecStart) [
        "coreutils/bin/mkdir --parents --mode=0755 /srv/backup/adding"
        "coreutils/bin/mkdir --parents --mode=0755 /srv/backup/alone"
        "coreutils/bin/mkdir --parents --mode=0755 /srv/backup/by/hand"
        "coreutils/bin/mkdir --parents --mode=0755 /srv/backup/files"
        "coreutils/bin/mkdir --parents --mode=0755 /srv/backup/keeping"
      ]
      ++ holds "its directories wait for the mount"
      (lib.elem "/srv/backup/by/hand" three.config.systemd.services.podman-btrfs-receiver.unitConfig.RequiresMountsFor);

    a-receiver-refuses-one-key-of-two-sources =
      saysOnce
      (receiving {
        sources = {
          a.publicKey = key "A";
          b.publicKey = "${key "A"}-by-another-comment";
        };
      })
      ["`a` and `b`" "ssh-keygen"];

    a-receiver-refuses-a-directory-inside-anothers =
      saysOnce
      (receiving {
        sources = {
          a.publicKey = key "A";
          b = {
            publicKey = key "B";
            path = "/srv/backup/a/b";
          };
          ab.publicKey = key "C";
        };
      })
      ["`a` and `b`" "/srv/backup/a,"];

    a-receiver-takes-no-key-or-path-that-says-more =
      map (source: "it took ${builtins.toJSON source}") (lib.filter (source: !fails (receiving {sources.a = {publicKey = key "A";} // source;}) (config: lines {inherit config;})) [
        {publicKey = "${key "A"}\nssh-ed25519 ${key "B"}";}
        {publicKey = ''command="sh" ${key "A"}'';}
        {path = "/srv/backup/a b";}
        {path = "/srv/backup/../etc";}
        {path = "/srv/backup/$(id)";}
        {path = ''/srv/backup/a",no-restrict'';}
        {from = [''*",command="sh''];}
      ])
      ++ expect "a name that is a path" (fails (receiving {sources."a/../../etc".publicKey = key "A";}) (config: lines {inherit config;})) true;

    a-receiver-that-is-off-changes-nothing = let
      off =
        (receiving {
          enable = lib.mkForce false;
          sources.a.publicKey = key "A";
        })
        .config;
    in
      expect "users" off.users.users {} ++ expect "units" off.systemd.services {} ++ expect "rules" off.security.sudo.extraRules [] ++ expect "sshd" off.services.openssh.extraConfig "";
  };

  # For checks/nix/receiver.py.
  texts = {
    keys = user.openssh.authorizedKeys.keys;
    inherit rights;
    guard = builtins.readFile (lib.head (builtins.match ''.*command="([^ ]+) .*'' (lib.head user.openssh.authorizedKeys.keys)));
    rootPath = builtins.unsafeDiscardStringContext rootScript;
    root = builtins.readFile rootScript;
  };
}
