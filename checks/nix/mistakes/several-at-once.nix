# Mistakes in several files, told together.
{
  imports = [./base.nix ./unit-of-a-size.nix ./unknown-target.nix ./rpo-that-is-no-time.nix];
}
