# Hosts to start from. Each one's host.nix is a scenario too: tests/scenarios has a link to it.
{
  home-server = {
    path = ./home-server;
    description = "One disk, a few containers, snapshots on the host";
    welcomeText = ''
      Edit `host.nix` (the disk, what runs and what it stores), then:

      - `nix run github:podman-btrfs/podman-btrfs -- plan host.nix` prints what would be made, and why
      - `disko --mode destroy,format,mount --flake .#home-server` partitions and formats the disks of `host.nix`
      - `nixos-install --flake .#home-server` installs
    '';
  };

  raid1-server = {
    path = ./raid1-server;
    description = "Two mirrored disks, PostgreSQL and media, copies to another machine";
    welcomeText = ''
      Edit `host.nix` (the disks, what runs, what it stores, where copies go), then:

      - `nix run github:podman-btrfs/podman-btrfs -- plan host.nix` prints what would be made, and why
      - `disko --mode destroy,format,mount --flake .#raid1-server` partitions and formats the disks of `host.nix`
      - `nixos-install --flake .#raid1-server` installs
    '';
  };
}
