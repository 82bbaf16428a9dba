# A CI builder: a runner, and images of two architectures, one of them under emulation.
{
  services.podmanBtrfs = {
    enable = true;

    host.platform = "linux/amd64";

    filesystems.scratch = {
      # EDIT 1: the disk, and its size.
      disks = ["/dev/disk/by-id/nvme-KINGSTON_SKC3000D2048G_50026B7686A11111"];
      media = "nvme";
      capacity = "2T";
      system = true;
      mountPoint = "/srv/ci";
    };

    workloads = {
      runner = {
        containers.ci-runner.image = "docker.io/gitea/act_runner:0.2.12";
        volumes = {
          registration = {
            mounts.ci-runner = "/data";
            class = "configuration";
          };
          workspace.mounts.ci-runner = "/workspace";
          cache = {
            mounts.ci-runner = "/root/.cache";
            class = "build";
            limit = "500G";
          };
        };
        protection.policy = "daily";
      };

      builder = {
        platforms = ["linux/amd64" "linux/arm64"];
        emulated = ["linux/arm64"];
        containers.ci-builder = {
          image = "quay.io/buildah/stable:v1.41";
          # What `skopeo inspect --raw docker://quay.io/buildah/stable:v1.41` lists for each platform.
          digests = {
            "linux/amd64" = "sha256:ad050aa419b9a0e4f98aa4c7eaa4307f5758340f363bf21a82dbb7f494f4d21f";
            "linux/arm64" = "sha256:79bd153af090d93892b2c5ccadd983f2cce5e266c6611c8033c737568a3d772e";
          };
        };
        volumes.layers = {
          mounts.ci-builder = "/var/lib/containers";
          class = "build";
          limit = "500G";
        };
      };
    };

    policies.daily.keep.daily = 7;
  };
}
