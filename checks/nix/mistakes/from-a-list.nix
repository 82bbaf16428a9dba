# A mistake in what genAttrs made: the place is where that stands.
{lib, ...}: {
  imports = [./base.nix];
  services.podmanBtrfs.workloads = lib.genAttrs ["blog" "wiki"] (name: {
    containers."${name}-web".image = "docker.io/library/nginx:1";
    volumes.data.mounts."${name}-web" = "data";
  });
}
