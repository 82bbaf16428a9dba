# A laptop as a public configuration has it: one encrypted solid-state disk, `/` without mount options, btrbk on /nix and /home.
{
  services.podmanBtrfs = {
    enable = true;

    filesystems.root = {
      device = "/dev/mapper/cryptroot";
      media = "ssd";
      capacity = "500G";
      dataProfile = "single";
      encryption = "luks";
      mountPoint = "/srv/containers";

      existing.mounts = {
        "/" = {
          subvolume = "@root";
          options = [];
        };
        "/nix" = {
          subvolume = "@nix";
          options = ["compress=zstd" "noatime"];
          snapshots = {
            every = "2h";
            directory = "/nix";
            copied = false;
          };
        };
        "/home" = {
          subvolume = "@home";
          options = ["compress=zstd"];
          snapshots = {
            every = "2h";
            directory = "/home";
            copied = false;
          };
        };
      };
    };
  };
}
