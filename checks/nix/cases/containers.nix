# Containers, by whoever declares them.
{
  lib,
  tools,
}:
with tools; {
  an-image-is-read-from-its-own-declaration =
    expect "image" (builtins.head shop.config.services.podmanBtrfs.plan.workloads.shop.instances).containers.shop-db.image
    "docker.io/library/postgres:17";

  a-container-may-take-its-volumes-from-the-plan = let
    evaluated = evaluate [
      ../hosts/shop.nix
      ({config, ...}: {
        virtualisation.oci-containers.containers.shop-db.volumes = config.services.podmanBtrfs.containerVolumes.shop-db;
      })
    ];
    inherit (evaluated.config.virtualisation.oci-containers.containers.shop-db) volumes;
  in
    holds "the volume's place stands in the container: ${toString volumes}"
    (builtins.match "/srv/tank/.+:/var/lib/postgresql/data" (toString volumes) != null);

  injected-volumes-come-from-the-plan-and-images-from-the-declaration = let
    evaluated = evaluate [
      ../hosts/shop.nix
      {
        services.podmanBtrfs.workloads.shop = {
          injectVolumes = true;
          replicas = 2;
        };
        virtualisation.oci-containers.containers = {
          shop-db.volumes = ["/etc/ssl:/etc/ssl:ro"];
          shop-db-2.image = "docker.io/library/postgres:17";
        };
      }
    ];
    inherit (evaluated.config.virtualisation.oci-containers) containers;
    inherit (evaluated.config.services.podmanBtrfs) plan volumes;
    paths = volumes.shop.pgdata.instances;
  in
    expect "assertions" (failedAssertions evaluated) []
    ++ expect "image" (builtins.head plan.workloads.shop.instances).containers.shop-db.image "docker.io/library/postgres:17"
    ++ expect "volumes, with the user's own" (lib.naturalSort containers.shop-db.volumes)
    ["/etc/ssl:/etc/ssl:ro" "${paths.shop}:/var/lib/postgresql/data"]
    ++ expect "volumes of the second copy" containers.shop-db-2.volumes ["${paths."shop@2"}:/var/lib/postgresql/data"]
    ++ expect "containers that nobody declares" (lib.attrNames containers) ["shop-db" "shop-db-2" "shop-web"]
    ++ expect "files" (lib.filter (lib.hasPrefix "containers/systemd/") (lib.attrNames evaluated.config.environment.etc))
    ["containers/systemd/shop-web-2.container.d/50-podman-btrfs.conf"];

  volumes-of-a-workload-that-does-not-ask-stay-the-users =
    expect "volumes" shop.config.virtualisation.oci-containers.containers.shop-db.volumes [];

  a-place-that-is-injected-and-written-too-is-told = let
    messages = failedAssertions (evaluate [
      ../hosts/shop.nix
      ({config, ...}: {
        services.podmanBtrfs.workloads.shop.injectVolumes = true;
        virtualisation.oci-containers.containers.shop-db.volumes = config.services.podmanBtrfs.containerVolumes.shop-db;
      })
    ]);
  in
    expect "number of assertions" (lib.length messages) 1
    ++ holds "it names the place: ${toString messages}" (lib.hasInfix "mounts /var/lib/postgresql/data twice" (toString messages));

  a-quadlet-gets-its-volumes-by-a-drop-in-of-podmans = let
    host = podman:
      evaluate [
        ../hosts/shop.nix
        {
          services.podmanBtrfs = {
            host.podman = podman;
            workloads.notes.injectVolumes = true;
            workloads.notes.volumes.files.mounts.notes = lib.mkForce "/data/100% mine";
          };
        }
      ];
    inherit (host "5.4") config;
    file = config.environment.etc."containers/systemd/notes.container.d/50-podman-btrfs.conf".text;
  in
    expect "its text" file "[Container]\nVolume=${config.services.podmanBtrfs.volumes.notes.files.hostPath}:/data/100%% mine\n"
    ++ expect "what is asked before it starts" config.systemd.services.notes.serviceConfig.ExecStartPre
    ["/run/current-system/sw/bin/podman-btrfs verify -- /etc/podman-btrfs/plan.json notes"]
    ++ expect "assertions" (failedAssertions (host "5.4")) []
    ++ expect "Podman 4" (map (lib.hasInfix "it needs 5.0") (failedAssertions (host "4.9"))) [true];

  a-container-of-quadlet-nix-keeps-its-own-drop-in = let
    evaluated = evaluate [
      ../hosts/quadlet-nix.nix
      ../hosts/shop.nix
      {
        services.podmanBtrfs.workloads.notes = {
          containers.notes.image = lib.mkForce null;
          containers.sidecar = {};
          injectVolumes = true;
        };
        virtualisation.quadlet.containers = {
          notes.containerConfig.image = "docker.io/library/mariadb:11";
          sidecar.containerConfig.image = "sidecar.build";
        };
      }
    ];
    inherit (evaluated) config;
    planned = (builtins.head config.services.podmanBtrfs.plan.workloads.notes.instances).containers;
    path = config.services.podmanBtrfs.volumes.notes.files.hostPath;
  in
    expect "assertions" (failedAssertions evaluated) []
    ++ expect "image" planned.notes.image "docker.io/library/mariadb:11"
    ++ expect "an image that is built" planned.sidecar.image null
    ++ holds "no second text of its unit" (!config.systemd.services ? notes)
    ++ expect "its unit" config.services.podmanBtrfs.units.notes.containers.notes "notes.service"
    ++ expect "the drop-in of the quadlet"
    (lib.splitString "\n" config.environment.etc."containers/systemd/notes.container.d/50-podman-btrfs.conf".text)
    [
      "[Container]"
      "Volume=${path}:/data"
      ""
      "[Service]"
      "ExecStartPre=/run/current-system/sw/bin/podman-btrfs verify -- /etc/podman-btrfs/plan.json notes"
      ""
      "[Unit]"
      "After=podman-btrfs-apply.service"
      "Requires=podman-btrfs-apply.service"
      "RequiresMountsFor=${path}"
      "RequiresMountsFor=/var/lib/containers/storage"
      ""
    ];

  a-rootless-quadlet-asks-in-its-users-own-unit = let
    evaluated = number:
      evaluate [
        ../hosts/shop.nix
        {
          services.podmanBtrfs.engine.users.alice = {};
          services.podmanBtrfs.workloads.notes = {
            user = "alice";
            injectVolumes = true;
          };
          users.users.alice.uid = number;
        }
      ];
    inherit (evaluated 1000) config;
    files = host: lib.filter (lib.hasPrefix "containers/systemd/") (lib.attrNames host.config.environment.etc);
  in
    expect "assertions" (failedAssertions (evaluated 1000)) []
    ++ holds "the system has no such unit" (!config.systemd.services ? notes)
    ++ expect "the user's unit" {inherit (config.systemd.user.services.notes) overrideStrategy requires serviceConfig unitConfig;} {
      requires = [];
      unitConfig = {};
      overrideStrategy = "asDropin";
      serviceConfig.ExecStartPre = ["/run/current-system/sw/bin/podman-btrfs verify -- /etc/podman-btrfs/plan.json notes"];
    }
    ++ expect "file" (files (evaluated 1000)) ["containers/systemd/users/1000/notes.container.d/50-podman-btrfs.conf"]
    ++ expect "file, the number unknown" (files (evaluated null)) ["containers/systemd/users/notes.container.d/50-podman-btrfs.conf"];

  a-unit-that-runs-as-a-user-keeps-what-watches-its-container = let
    evaluated = linger:
      evaluate [
        ../hosts/shop.nix
        {
          services.podmanBtrfs.engine.users.alice = {};
          services.podmanBtrfs.workloads.shop.user = "alice";
          users.users.alice = {
            uid = 1000;
            inherit linger;
          };
          virtualisation.oci-containers.containers = lib.genAttrs ["shop-db" "shop-db-2" "shop-web"] (_: {podman.user = "alice";});
        }
      ];
    unit = linger: (evaluated linger).config.systemd.services.podman-shop-db;
    manager = "user@1000.service";
  in
    expect "delegated" (unit true).serviceConfig.Delegate true
    ++ expect "asked by the system's manager" (unit true).serviceConfig.ExecStartPre
    ["+/run/current-system/sw/bin/podman-btrfs verify -- /etc/podman-btrfs/plan.json shop-db"]
    ++ holds "after the user's manager" (lib.elem manager (unit true).after && lib.elem manager (unit true).requires)
    ++ holds "which one without lingering has not" (!lib.elem manager (unit false).requires)
    ++ holds "root's is not" (!(evaluate [../hosts/shop.nix]).config.systemd.services.podman-shop-db.serviceConfig ? Delegate);

  a-container-asks-before-anything-else-where-its-volumes-are = let
    evaluated = evaluate [../hosts/shop.nix {systemd.services.podman-shop-db.serviceConfig.ExecStartPre = ["/bin/other"];}];
  in
    expect "before its start" evaluated.config.systemd.services.podman-shop-db.serviceConfig.ExecStartPre
    ["/run/current-system/sw/bin/podman-btrfs verify -- /etc/podman-btrfs/plan.json shop-db" "/bin/other"]
    ++ expect "the same for every plan" evaluated.config.systemd.services.podman-shop-db.serviceConfig.ExecStartPre
    (evaluate [
      ../hosts/shop.nix
      {
        services.podmanBtrfs.workloads.shop.volumes.more.mounts.shop-db = "/more";
        systemd.services.podman-shop-db.serviceConfig.ExecStartPre = ["/bin/other"];
      }
    ])
    .config
    .systemd
    .services
    .podman-shop-db
    .serviceConfig
    .ExecStartPre;
}
