# Two filesystems, and nothing says which of them holds Podman's own storage.
{lib, ...}: {
  imports = [./base.nix];
  services.podmanBtrfs = {
    filesystems.other.device = "/dev/disk/by-label/other";
    engine.filesystem = lib.mkForce null;
  };
}
