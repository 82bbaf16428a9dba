# One container in two workloads.
{
  imports = [./base.nix];
  services.podmanBtrfs.workloads.blog.containers.shop-db = {};
}
