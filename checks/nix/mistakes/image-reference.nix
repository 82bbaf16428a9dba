# An image reference that is none.
{lib, ...}: {
  imports = [./base.nix];
  services.podmanBtrfs.workloads.shop.containers.shop-web.image = lib.mkForce "docker.io/library/caddy:2 --privileged";
}
