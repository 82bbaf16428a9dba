# A CI builder that holds images of two architectures.
{
  services.podmanBtrfs = {
    enable = true;

    host.platform = "linux/amd64";

    filesystems.scratch = {
      disks = ["/dev/disk/by-id/nvme-KINGSTON_SKC3000D2048G_50026B7686A11111"];
      media = "nvme";
      capacity = "2T";
      mountPoint = "/srv/ci";
    };

    workloads.runner = {
      platforms = ["linux/amd64" "linux/arm64"];
      emulated = ["linux/arm64"];
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

    policies.daily.keep.daily = 7;
  };
}
