# What the module is to a configuration: switched off it is nothing, and imported twice it is one.
{
  lib,
  tools,
}:
with tools; {
  # Every option that there is besides the module's own.
  switched-off-it-changes-nothing = let
    other = config: removeAttrs (config // {services = removeAttrs config.services ["podmanBtrfs"];}) ["_module"];
    off = host: other (evaluate [host {services.podmanBtrfs.enable = lib.mkForce false;}]).config;
    # The module's options alone, so that the host's declaration is heard by nobody.
    without = host:
      other
      (evaluateRaw [
        host
        {
          options.services.podmanBtrfs = lib.mkOption {
            type = lib.types.anything;
            default = {};
          };
        }
      ])
      .config;
    same = host: name: expect "${baseNameOf host}: ${name}" (builtins.toJSON (off host).${name}) (builtins.toJSON (without host).${name});
  in
    lib.concatMap (host: lib.concatMap (same host) (lib.attrNames (without host))) [../hosts/shop.nix ../hosts/everything.nix];

  imported-twice-it-is-one-module = let
    twice = other: (evaluate [../hosts/shop.nix other]).config.services.podmanBtrfs.plan;
    copy = builtins.path {
      path = modules;
      name = "podman-btrfs-modules-of-another-input";
    };
    inherit (shop.config.services.podmanBtrfs) plan;
  in
    expect "by its path, and what that holds" (twice {imports = [modules (import modules)];}) plan
    ++ expect "from two copies, as of two inputs" (twice copy) plan;
}
