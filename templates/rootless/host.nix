# Two users run containers of their own, without root's rights.
{
  services.podmanBtrfs = {
    enable = true;

    filesystems.home = {
      # EDIT 1: the disk, and its size.
      disks = ["/dev/disk/by-id/ata-CT1000MX500SSD1_2113E5911111"];
      media = "ssd";
      capacity = "1T";
      system = true;
      mountPoint = "/srv/home";
    };

    engine.users = {
      alice.uid = 1000;
      bob.uid = 1001;
    };

    # EDIT 3: what runs for whom, and what it stores; system.nix has the containers.
    workloads = {
      notes = {
        user = "alice";
        containers.notes-web.image = "docker.io/gristlabs/grist:1.5";
        volumes.documents.mounts.notes-web = "/persist";
        protection.policy = "hourly";
      };
      links = {
        user = "bob";
        containers.links-web.image = "docker.io/sissbruecker/linkding:1.41.0";
        volumes.data.mounts.links-web = "/etc/linkding/data";
        protection.policy = "hourly";
      };
    };

    policies.hourly = {
      rpo = "1h";
      keep = {
        hourly = 24;
        daily = 30;
      };
    };
  };
}
