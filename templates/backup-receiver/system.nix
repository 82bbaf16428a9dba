# The rest of the system: how it starts, who may log in, and whose copies it takes.
{
  networking.hostName = "backup-receiver";
  nixpkgs.hostPlatform = "x86_64-linux";
  system.stateVersion = "25.11";

  # A boot loader on each disk: the host starts whichever of them fails.
  boot.loader.grub = {
    enable = true;
    efiSupport = true;
    efiInstallAsRemovable = true;
    mirroredBoots = [
      {
        path = "/boot";
        devices = ["nodev"];
      }
      {
        path = "/boot-2";
        devices = ["nodev"];
      }
    ];
  };

  services.openssh = {
    enable = true;
    settings.PasswordAuthentication = false;
  };
  # EDIT 2: who may log in.
  users.users.root.openssh.authorizedKeys.keys = ["ssh-ed25519 AAAA… you@laptop"];

  services.podmanBtrfs.receiver = {
    enable = true;
    # EDIT 3: the hosts that send, each with the public half of its own key. Their copies lie in /srv/backup/<name>.
    sources.raid1-server.publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPutTheKeyOfThatHostHerePutTheKeyOfThatHostHe btrbk@raid1-server";
  };
}
