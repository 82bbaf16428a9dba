# The hardware file mounts the same filesystem with other options.
{
  imports = [./base.nix ./conflicting-mount-options/hardware-configuration.nix];
}
