# What the checks use, and nothing else.
{pkgs}: {
  default = pkgs.mkShell {
    packages = [
      pkgs.cargo
      pkgs.cargo-nextest
      pkgs.clippy
      pkgs.rustc
      (import ./formatter.nix {inherit pkgs;})

      pkgs.btrbk
      pkgs.btrfs-progs
      pkgs.podman
      pkgs.python3
      pkgs.snapper
    ];
  };
}
