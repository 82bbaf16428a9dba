# What rootless users get, and what stays theirs.
{
  lib,
  tools,
}:
with tools; let
  host = more:
    evaluate [
      ../hosts/shop.nix
      {
        services.podmanBtrfs.engine.users = {
          alice = {};
          bob = {};
        };
        services.podmanBtrfs.workloads.notes.user = "bob";
        users.users = {
          alice = {};
          bob = {};
          carol = {};
        };
      }
      more
    ];
  of = evaluated: name: {inherit (evaluated.config.users.users.${name}) linger autoSubUidGidRange;};
  given = {
    linger = true;
    autoSubUidGidRange = true;
  };
in {
  rootless-users-linger-and-have-subordinate-ids = let
    evaluated = host {};
  in
    expect "assertions" (failedAssertions evaluated) []
    ++ expect "user of a store" (of evaluated "alice") given
    ++ expect "user of a workload" (of evaluated "bob") given
    ++ expect "anybody else" (of evaluated "carol") {
      linger = null;
      autoSubUidGidRange = false;
    };

  what-a-user-has-of-it-stays = let
    evaluated = host {
      users.users.alice = {
        linger = false;
        subUidRanges = [{startUid = 100000;}];
        subGidRanges = [{startGid = 100000;}];
      };
    };
  in
    expect "user" (of evaluated "alice") {
      linger = false;
      autoSubUidGidRange = false;
    };

  a-user-whom-nobody-declares-is-not-made =
    expect "users" (lib.attrNames (host {services.podmanBtrfs.engine.users.ldap = {};}).config.users.users) ["alice" "bob" "carol"];

  a-container-that-another-user-runs-is-refused = let
    messages = failedAssertions (host {virtualisation.oci-containers.containers.shop-db.podman = {user = "alice";};});
  in
    expect "number of assertions" (lib.length messages) 1
    ++ holds "it names both: ${toString messages}" (lib.hasInfix "is run by alice in virtualisation" (toString messages))
    ++ expect "the same user" (failedAssertions (host {
      services.podmanBtrfs.workloads.shop.user = "alice";
      virtualisation.oci-containers.containers = {
        shop-db.podman = {user = "alice";};
        shop-web.podman = {user = "alice";};
      };
    })) [];
}
