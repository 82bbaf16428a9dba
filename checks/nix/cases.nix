# What the module must do, as a list of failures for each case: an empty list passes.
{
  lib,
  helper,
  disko,
}: let
  evaluateRaw = modules:
    lib.evalModules {
      class = "nixos";
      modules = [./nixos-stubs.nix] ++ modules;
    };

  evaluate = modules:
    evaluateRaw ([
        ../../modules
        {
          services.podmanBtrfs.package = helper;
          services.podmanBtrfs.planner = helper;
        }
      ]
      ++ modules);

  diskoModule = disko + "/module.nix";

  failedAssertions = evaluated:
    map (assertion: assertion.message) (lib.filter (assertion: !assertion.assertion) evaluated.config.assertions);

  expect = what: actual: expected:
    lib.optional (actual != expected)
    "${what}: expected ${builtins.toJSON expected}, found ${builtins.toJSON actual}";

  holds = what: condition: lib.optional (!condition) what;

  shop = evaluate [./hosts/shop.nix];
  # The committed bundle is the one that build mode built.
  committed = bundle: {
    services.podmanBtrfs.planFile = bundle;
  };
  shopBundle = shop.config.system.build.podmanBtrfsBundle;
in {
  inherit evaluate evaluateRaw shop committed;

  cases =
    {
      the-module-maps-a-host = let
        inherit (shop) config;
        mount = config.fileSystems."/srv/tank";
      in
        expect "assertions" (failedAssertions shop) []
        ++ expect "device" mount.device "/dev/disk/by-uuid/3f1c5d5e-9f0e-4f0e-8a83-3f6f3a1f2b11"
        ++ expect "fsType" mount.fsType "btrfs"
        ++ holds "the mount is ordered after apply" (builtins.elem "x-systemd.after=podman-btrfs-apply.service" mount.options)
        ++ expect "driver" config.virtualisation.containers.storage.settings.storage.driver "overlay"
        ++ holds "storage.conf is written" config.virtualisation.containers.enable
        ++ expect "btrbk instances" (builtins.attrNames config.services.btrbk.instances) ["gold-tank"]
        ++ holds "snapper has a configuration" (config.services.snapper.configs != {})
        ++ holds "btrbk's unit requires the mount"
        (builtins.elem "/srv/tank" config.systemd.services.btrbk-gold-tank.unitConfig.RequiresMountsFor)
        ++ holds "snapper's unit requires the mount"
        (config.systemd.services.snapper-timeline.unitConfig.RequiresMountsFor != [])
        ++ holds "the container's unit requires its mounts"
        (config.systemd.services.podman-shop-db.unitConfig.RequiresMountsFor != [])
        ++ holds "a container that is no oci-container gets a drop-in"
        (config.systemd.services.notes.overrideStrategy == "asDropin")
        ++ holds "apply comes before local-fs.target"
        (builtins.elem "local-fs.target" config.systemd.services.podman-btrfs-apply.before);

      podman-6-finds-places-in-drop-ins-only = let
        evaluated = evaluate [
          ./hosts/shop.nix
          {
            services.podmanBtrfs = {
              host.podman = lib.mkForce "6.0.1";
              engine.users.alice = {};
            };
            users.users.alice.uid = 1000;
            virtualisation.containers.storage.settings.storage.options.overlay.mountopt = lib.mkForce "nodev,noatime";
          }
        ];
        inherit (evaluated.config.environment) etc;
        main = (builtins.fromJSON (builtins.readFile etc."containers/storage.conf".source)).storage;
        root = etc."containers/storage.rootful.conf.d/50-podman-btrfs.conf".text;
        alice = etc."containers/storage.rootless.conf.d/1000/50-podman-btrfs.conf".text;
      in
        expect "assertions" (failedAssertions evaluated) []
        ++ holds "the main file has no place: ${builtins.toJSON main}" (!(main ? graphroot) && !(main ? runroot))
        ++ expect "what a user forces in the main file" main.options.overlay.mountopt "nodev,noatime"
        ++ expect "driver" main.driver "overlay"
        ++ holds "root's drop-in has the graph root: ${root}" (lib.hasInfix "graphroot" root)
        ++ holds "a user's drop-in is found by the number: ${alice}" (lib.hasInfix "user-alice" alice);

      podman-5-finds-all-in-one-file = let
        evaluated = evaluate [./hosts/shop.nix {services.podmanBtrfs.host.podman = lib.mkForce "5.8";}];
        inherit (evaluated.config.environment) etc;
      in
        expect "files below /etc/containers" (lib.filter (lib.hasPrefix "containers/") (builtins.attrNames etc)) []
        ++ expect "graph root" evaluated.config.virtualisation.containers.storage.settings.storage.graphroot
        "/var/lib/containers/storage";

      containers-wait-for-the-stores-that-podman-needs = let
        evaluated = evaluate [./hosts/shop.nix {services.podmanBtrfs.engine.additionalImageStores = ["/srv/images"];}];
        needed = evaluated.config.systemd.services.podman-shop-db.unitConfig.RequiresMountsFor;
      in
        holds "the additional image store is among ${toString needed}" (builtins.elem "/srv/images" needed)
        ++ holds "the graph root is among ${toString needed}" (builtins.elem "/var/lib/containers/storage" needed);

      what-a-pull-fetches-has-a-directory = let
        inherit (shop) config;
        directory = "/var/lib/containers/tmp";
      in
        expect "containers.conf" config.virtualisation.containers.containersConf.settings.engine.image_copy_tmp_dir directory
        ++ expect "tmpfiles" config.systemd.tmpfiles.settings.podman-btrfs.${directory}.d.mode "1777";

      an-image-is-read-from-its-own-declaration =
        expect "image" (builtins.head shop.config.services.podmanBtrfs.plan.workloads.shop.instances).containers.shop-db.image
        "docker.io/library/postgres:17";

      a-container-may-take-its-volumes-from-the-plan = let
        evaluated = evaluate [
          ./hosts/shop.nix
          ({config, ...}: {
            virtualisation.oci-containers.containers.shop-db.volumes = config.services.podmanBtrfs.containerVolumes.shop-db;
          })
        ];
        inherit (evaluated.config.virtualisation.oci-containers.containers.shop-db) volumes;
      in
        holds "the volume's place stands in the container: ${toString volumes}"
        (builtins.match "/srv/tank/.+:/var/lib/postgresql/data" (toString volumes) != null);

      planning-builds-nothing-that-the-declaration-mentions = let
        neverBuilt = derivation {
          name = "never-built";
          system = "x86_64-linux";
          builder = "/does-not-exist";
        };
        evaluated = evaluate [
          ./hosts/shop.nix
          {
            virtualisation.oci-containers.containers.shop-web.image = lib.mkForce "localhost/web:${baseNameOf neverBuilt}";
            services.podmanBtrfs.workloads.shop.containers.shop-web.image = lib.mkForce null;
          }
        ];
      in
        expect "assertions" (failedAssertions evaluated) [];

      both-ways-of-planning-agree = let
        evaluated = evaluate [./hosts/shop.nix (committed shopBundle)];
        without = config: removeAttrs config.services.podmanBtrfs ["planFile" "planner" "package"];
      in
        expect "plan" (builtins.toJSON (without evaluated.config)) (builtins.toJSON (without shop.config))
        ++ expect "mounts" evaluated.config.fileSystems shop.config.fileSystems
        ++ holds "the build checks the committed file" (lib.length evaluated.config.system.checks > lib.length shop.config.system.checks);

      a-plain-plan-as-plan-file-is-refused-with-the-way-out = let
        evaluated = evaluate [
          ./hosts/shop.nix
          (committed (builtins.toFile "plan.json" (builtins.toJSON shop.config.services.podmanBtrfs.plan)))
        ];
      in
        expect "assertions" (map (lib.hasInfix "plan.json is not a bundle") (failedAssertions evaluated)) [true]
        ++ expect "mounts" evaluated.config.services.podmanBtrfs.mounts {};

      a-bundle-of-another-format-is-refused = let
        bundle = lib.recursiveUpdate shop.config.services.podmanBtrfs.bundle {plan.planVersion = 999;};
        evaluated = evaluate [./hosts/shop.nix (committed (builtins.toFile "bundle.json" (builtins.toJSON bundle)))];
      in
        expect "assertions" (map (lib.hasInfix "is in format 999") (failedAssertions evaluated)) [true];

      three-mistakes-are-told-at-once-with-their-places = let
        evaluated = evaluate [./hosts/three-mistakes.nix];
        messages = failedAssertions evaluated;
        file = line: column: "checks/nix/hosts/three-mistakes.nix:${toString line}:${toString column}";
        # Outside of the store the file's name is the whole path.
        ends = path: line: column:
          holds "${path} at ${file line column} in ${builtins.toJSON messages}"
          (lib.any (message:
            lib.hasInfix "at services.podmanBtrfs.${path} (" message
            && lib.hasInfix "${file line column})" message)
          messages);
      in
        expect "number of assertions" (builtins.length messages) 3
        ++ ends "workloads.shop.volumes.pgdata.filesystem" 7 7
        ++ ends "workloads.shop.protection.policy" 11 9
        ++ ends "policies.gold.targets[0]" 14 9;

      a-foreign-mount-that-asks-for-something-else-is-refused-with-both-places = let
        messages = failedAssertions (evaluate [./hosts/foreign-mount.nix]);
        message = builtins.head messages;
      in
        expect "number of assertions" (builtins.length messages) 1
        ++ holds "it says what differs: ${message}" (lib.hasInfix "asks for compress-force=zstd:3; the plan's mounts ask for compress=zstd:1" message)
        ++ holds "it names the mount's place: ${message}" (lib.hasInfix "checks/nix/hosts/foreign-mount.nix:8:5)" message)
        ++ holds "it names the filesystem's place: ${message}" (lib.hasInfix "checks/nix/hosts/shop.nix:6:5)" message);

      a-foreign-mount-that-asks-for-the-same-or-is-elsewhere-is-nobodys-business =
        expect "the same, spelt differently"
        (failedAssertions (evaluate [
          ./hosts/foreign-mount.nix
          {fileSystems."/data/apps".options = ["x-systemd.device-timeout=5s" "noatime" "compress=zstd:1"];}
        ])) []
        ++ expect "another device"
        (failedAssertions (evaluate [
          ./hosts/foreign-mount.nix
          {fileSystems."/data/apps".device = lib.mkForce "/dev/disk/by-label/other";}
        ])) [];

      the-plan-follows-a-declared-foreign-mount = let
        declaring = options: {
          services.podmanBtrfs.filesystems.tank.existing.mounts."/data/apps" = {
            subvolume = "@apps";
            inherit options;
          };
        };
        right = evaluate [./hosts/foreign-mount.nix (declaring ["compress-force=zstd" "nofail"])];
        wrong = failedAssertions (evaluate [./hosts/foreign-mount.nix (declaring ["compress=zstd"])]);
      in
        expect "assertions" (failedAssertions right) []
        ++ expect "options" right.config.services.podmanBtrfs.plan.filesystems.tank.mountOptions ["noatime" "compress-force=zstd"]
        ++ expect "number of assertions" (builtins.length wrong) 1
        ++ holds "it says which is which: ${toString wrong}"
        (lib.hasInfix "asks for compress-force=zstd:3, and compress=zstd:3 is declared of it" (builtins.head wrong));

      what-is-pruned-is-read-from-podmans-own-option = let
        codes = more:
          map (diagnostic: diagnostic.code)
          (lib.filter (diagnostic: diagnostic.code == "PB540")
            (evaluate ([./hosts/shop.nix] ++ more)).config.services.podmanBtrfs.plan.diagnostics);
        pruning = {
          virtualisation.podman.autoPrune = {
            enable = true;
            flags = ["--all"];
          };
        };
      in
        expect "nothing is pruned" (codes []) []
        ++ expect "all is pruned" (codes [pruning]) ["PB540"]
        ++ expect "what is declared here wins"
        (codes [pruning {services.podmanBtrfs.engine.existing.prune.all = false;}]) ["PB540"];

      what-a-user-forces-wins = let
        forced = lib.mkForce;
        evaluated = evaluate [
          ./hosts/shop.nix
          {
            fileSystems."/srv/tank".options = forced ["mine"];
            virtualisation.containers.storage.settings.storage.driver = forced "vfs";
            services.btrbk.instances.gold-tank.onCalendar = forced "weekly";
            services.snapper.snapshotInterval = forced "weekly";
            services.snapper.configs = forced {};
            systemd.services.podman-shop-db.unitConfig.RequiresMountsFor = forced ["/mine"];
            systemd.services.podman-btrfs-apply.serviceConfig.UMask = forced "0000";
          }
        ];
        inherit (evaluated) config;
      in
        expect "mount options" config.fileSystems."/srv/tank".options ["mine"]
        ++ expect "driver" config.virtualisation.containers.storage.settings.storage.driver "vfs"
        ++ expect "btrbk" config.services.btrbk.instances.gold-tank.onCalendar "weekly"
        ++ expect "snapper" config.services.snapper.configs {}
        ++ expect "snapper's interval" config.services.snapper.snapshotInterval "weekly"
        ++ expect "container" config.systemd.services.podman-shop-db.unitConfig.RequiresMountsFor ["/mine"]
        ++ expect "apply" config.systemd.services.podman-btrfs-apply.serviceConfig.UMask "0000";

      switched-off-it-changes-nothing = let
        off = (evaluate [./hosts/shop.nix {services.podmanBtrfs.enable = lib.mkForce false;}]).config;
        without = (evaluateRaw [{virtualisation.oci-containers.containers.shop-web.image = "x";}]).config;
        seen = config: {
          inherit (config) fileSystems swapDevices warnings;
          inherit (config.virtualisation) containers;
          inherit (config.services) btrbk snapper;
          units = builtins.attrNames config.systemd.services;
          files = builtins.attrNames config.environment.etc;
          packages = builtins.length config.environment.systemPackages;
          checks = builtins.length config.system.checks;
        };
        same = name: expect name (seen off).${name} (seen without).${name};
      in
        lib.concatMap same (builtins.attrNames (seen without));

      imported-twice-it-is-one-module = let
        twice = evaluate [./hosts/shop.nix (import ../../modules) {imports = [../../modules];}];
      in
        expect "plan" twice.config.services.podmanBtrfs.plan shop.config.services.podmanBtrfs.plan;
    }
    // lib.optionalAttrs (disko != null) {
      disko-gets-new-disks-and-nobody-mounts-twice = let
        evaluated = evaluate [diskoModule ./hosts/new-disk.nix];
        inherit (evaluated) config;
        mounts = config.services.podmanBtrfs.mounts;
        subvolumes = mount: lib.length (lib.filter (lib.hasPrefix "subvol=") config.fileSystems.${mount}.options);
      in
        expect "assertions" (failedAssertions evaluated) []
        ++ holds "disko has a disk" (config.disko.devices.disk != {})
        ++ lib.concatMap (mount: expect "${mount} names its subvolume once" (subvolumes mount) 1) (builtins.attrNames mounts);
    };

  # Derivations that the driver builds, with what must come of it.
  builds = {
    inherit shopBundle;
    current = lib.last (evaluate [./hosts/shop.nix (committed shopBundle)]).config.system.checks;
    stale =
      lib.last
      (evaluate [
        ./hosts/shop.nix
        (committed shopBundle)
        {services.podmanBtrfs.filesystems.tank.mountPoint = lib.mkForce "/srv/elsewhere";}
      ])
      .config
      .system
      .checks;
  };
}
