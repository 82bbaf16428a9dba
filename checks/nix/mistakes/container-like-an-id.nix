# A container whose name Podman reads as the beginning of an id.
{
  imports = [./base.nix];
  services.podmanBtrfs.workloads.blog = {
    containers.db.image = "docker.io/library/mariadb:11";
    volumes.data.mounts.db = "/var/lib/mysql";
  };
}
