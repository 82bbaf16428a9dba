# Both ways of planning, and what is told of mistakes.
{
  lib,
  tools,
}:
with tools; {
  planning-builds-nothing-that-the-declaration-mentions = let
    neverBuilt = derivation {
      name = "never-built";
      system = "x86_64-linux";
      builder = "/does-not-exist";
    };
    evaluated = evaluate [
      ../hosts/shop.nix
      {
        virtualisation.oci-containers.containers.shop-web.image = lib.mkForce "localhost/web:${baseNameOf neverBuilt}";
        services.podmanBtrfs.workloads.shop.containers.shop-web.image = lib.mkForce null;
      }
    ];
  in
    expect "assertions" (failedAssertions evaluated) [];

  both-ways-of-planning-agree = let
    evaluated = evaluate [../hosts/shop.nix (committed shopBundle)];
    without = config: removeAttrs config.services.podmanBtrfs ["planFile" "planner" "package"];
  in
    expect "plan" (builtins.toJSON (without evaluated.config)) (builtins.toJSON (without shop.config))
    ++ expect "mounts" evaluated.config.fileSystems shop.config.fileSystems
    ++ holds "the build checks the committed file" (lib.length evaluated.config.system.checks > lib.length shop.config.system.checks);

  a-plain-plan-as-plan-file-is-refused-with-the-way-out = let
    evaluated = evaluate [
      ../hosts/shop.nix
      (committed (builtins.toFile "plan.json" (builtins.toJSON shop.config.services.podmanBtrfs.plan)))
    ];
  in
    expect "assertions" (map (lib.hasInfix "plan.json is not a bundle") (failedAssertions evaluated)) [true]
    ++ expect "mounts" evaluated.config.services.podmanBtrfs.mounts {};

  a-bundle-of-another-format-is-refused = let
    bundle = lib.recursiveUpdate shop.config.services.podmanBtrfs.bundle {plan.planVersion = 999;};
    evaluated = evaluate [../hosts/shop.nix (committed (builtins.toFile "bundle.json" (builtins.toJSON bundle)))];
  in
    expect "assertions" (map (lib.hasInfix "is in format 999") (failedAssertions evaluated)) [true];

  three-mistakes-are-told-at-once-with-their-places = let
    evaluated = evaluate [../hosts/three-mistakes.nix];
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
}
