# Ollama with a web interface and a vector store.
{
  services.podmanBtrfs = {
    enable = true;

    filesystems = {
      fast = {
        disks = ["/dev/disk/by-id/nvme-Crucial_T705_4TB_2405E8B00001"];
        media = "nvme";
        capacity = "4T";
        system = true;
      };
      cold = {
        disks = ["/dev/disk/by-id/ata-ST16000NM001G_ZL200001"];
        media = "hdd";
        capacity = "16T";
      };
    };

    engine.filesystem = "fast";

    workloads = {
      models = {
        filesystem = "fast";
        containers.models-ollama.image = "docker.io/ollama/ollama:0.11.4";
        volumes.weights = {
          mounts.models-ollama = "/root/.ollama";
          class = "models";
          size = "1500G";
          limit = "2000G";
          snapshot = false;
        };
      };

      chat = {
        filesystem = "fast";
        containers = {
          chat-web.image = "ghcr.io/open-webui/open-webui:v0.6.18";
          chat-vectors.image = "docker.io/qdrant/qdrant:v1.15.1";
        };
        volumes = {
          conversations.mounts.chat-web = "/app/backend/data";
          vectors.mounts.chat-vectors = "/qdrant/storage";
          corpus = {
            mounts.chat-web = "/corpus";
            class = "documents";
          };
        };
        protection.policy = "daily";
      };

      datasets = {
        filesystem = "cold";
        containers.datasets-share.image = "docker.io/minio/minio:RELEASE.2025-07-23T15-54-02Z";
        volumes.objects = {
          mounts.datasets-share = "/data";
          size = "9T";
          growth = "5G/day";
        };
        protection.policy = "weekly";
      };
    };

    policies = {
      daily.keep.daily = 14;
      weekly = {
        rpo = "1w";
        keep.weekly = 8;
      };
    };
  };
}
