# Packages as the module names them, where nothing is built: text in place of a path.
{
  attr = "attr";
  btrfs-progs = "btrfs-progs";
  busybox = "busybox";
  dockerTools.buildImage = image: "${image.name}:${image.tag}";
  e2fsprogs = "e2fsprogs";
  getent = "getent";
  gnupg = "gnupg";
  openssh = "openssh";
  rsync = "rsync";
  util-linux = "util-linux";
  bashInteractive = "bash";
  coreutils = "coreutils";
  gzip = "gzip";
  lz4 = "lz4";
  runtimeShell = "/bin/bash";
  xz = "xz";
  zstd = "zstd";
  writeScript = builtins.toFile;
  formats.toml = _: {generate = name: value: builtins.toFile name (builtins.toJSON value);};
}
