# A CI builder of two architectures, and a mirror of base images for the boards that are deployed from it.
{
  services.podmanBtrfs = {
    enable = true;

    host = {
      platform = "linux/amd64";
      memory = "64G";
      cpus = 32;
    };

    filesystems.build = {
      disks = ["/dev/disk/by-id/nvme-KINGSTON_SKC3000D2048G_50026B7686A22222"];
      media = "nvme";
      capacity = "2T";
      mountPoint = "/srv/build";
    };

    workloads = {
      builder = {
        platforms = ["linux/amd64" "linux/arm64"];
        emulated = ["linux/arm64"];
        containers.builder = {
          image = "quay.io/buildah/stable:v1.41";
          digests = {
            "linux/amd64" = "sha256:ad050aa419b9a0e4f98aa4c7eaa4307f5758340f363bf21a82dbb7f494f4d21f";
            "linux/arm64" = "sha256:79bd153af090d93892b2c5ccadd983f2cce5e266c6611c8033c737568a3d772e";
          };
        };
        volumes.layers = {
          mounts.builder = "/var/lib/containers";
          class = "build";
          limit = "500G";
        };
      };

      mirror = {
        platforms = ["linux/amd64" "linux/arm64" "linux/riscv64"];
        containers.mirror-base = {
          image = "docker.io/library/debian:13";
          digests = {
            "linux/amd64" = "sha256:9dd8df1ec2d6f4ab4ee414bedfebce67a4d2071e155234b8985eabc3dbdb1212";
            "linux/arm64" = "sha256:6da4572a3b959f0e4e683df21dd9a129b7869408a7b29253441e049e6016edc8";
            "linux/riscv64" = "sha256:01e8db02dffe7b0d8c2f5a068d353acf8b9579d4cf4f28e022b823f0650e5f3c";
          };
        };
      };

      # Its images are named by their tag: that is warned of.
      tools = {
        platforms = ["linux/amd64" "linux/arm64"];
        containers.tools.image = "docker.io/library/alpine:3.22";
      };
    };
  };
}
