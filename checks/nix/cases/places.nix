# What other modules read of the plan.
{
  lib,
  tools,
}:
with tools; let
  inherit (shop.config.services.podmanBtrfs) volumes units mountPoints plan containerVolumes;
in {
  paths-of-volumes-are-read-from-the-plan = let
    planned = (builtins.head plan.workloads.shop.instances).volumes.pgdata;
    copies =
      (evaluate [../hosts/shop.nix {services.podmanBtrfs.workloads.shop.replicas = 3;}])
      .config
      .services
      .podmanBtrfs
      .volumes
      .shop
      .pgdata;
  in
    expect "volume" volumes.shop.pgdata {
      inherit (planned) hostPath filesystem subvolume;
      instances.shop = planned.hostPath;
    }
    ++ holds "the container mounts it: ${toString containerVolumes.shop-db}" (lib.hasPrefix "${volumes.shop.pgdata.hostPath}:" (toString containerVolumes.shop-db))
    ++ expect "copies" (lib.attrNames copies.instances) ["shop" "shop@2" "shop@3"]
    ++ expect "places" (lib.length (lib.unique (lib.attrValues copies.instances))) 3
    ++ expect "the first" copies.hostPath copies.instances.shop;

  units-are-read-from-the-plan = let
    many = (evaluate [../hosts/shop.nix {services.podmanBtrfs.workloads.shop.replicas = 400;}]).config;
    ofMany = many.services.podmanBtrfs.units.shop.snapshot;
    runs = map (name: "btrbk-${name}.service") (lib.attrNames many.services.btrbk.instances);
  in
    expect "units of oci-containers" units.shop {
      containers = {
        shop-db = "podman-shop-db.service";
        shop-web = "podman-shop-web.service";
      };
      snapshot = ["btrbk-gold-tank.service"];
    }
    ++ expect "units of a quadlet, by snapper" units.notes {
      containers.notes = "notes.service";
      snapshot = ["snapper-timeline.service"];
    }
    ++ holds "every snapshot's unit exists: ${toString units.shop.snapshot}"
    (lib.all (unit: shop.config.systemd.services ? ${lib.removeSuffix ".service" unit}) (units.shop.snapshot ++ units.notes.snapshot))
    ++ expect "the runs of one job" (lib.naturalSort ofMany) (lib.naturalSort runs);

  a-run-that-takes-nothing-of-a-workload-is-not-its-unit = let
    evaluated = evaluate [
      ../hosts/shop.nix
      {
        services.podmanBtrfs.workloads.bulk = {
          replicas = 700;
          containers.bulk.image = "docker.io/library/postgres:17";
          volumes.data.mounts.bulk = "/var/lib/postgresql/data";
          protection.policy = "gold";
        };
      }
    ];
    inherit (evaluated.config.services) btrbk podmanBtrfs;
  in
    holds "the job has several runs: ${toString (lib.attrNames btrbk.instances)}" (lib.length (lib.attrNames btrbk.instances) > 1)
    ++ expect "units that snapshot the shop" (lib.length podmanBtrfs.units.shop.snapshot) 1
    ++ expect "units that snapshot either"
    (lib.naturalSort (lib.unique (podmanBtrfs.units.shop.snapshot ++ podmanBtrfs.units.bulk.snapshot)))
    (lib.naturalSort (map (name: "btrbk-${name}.service") (lib.attrNames btrbk.instances)));

  mount-points-are-read-from-the-plan = expect "mount points" mountPoints.tank {
    volumes = "/srv/tank";
    snapshots = "/srv/tank/.snapshots";
    engine-store = "/var/lib/containers";
  };
}
