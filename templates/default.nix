# Hosts to start from. Each one's host.nix is a scenario too: tests/scenarios has a link to it.
let
  welcomeText = ''
    Three places are to be edited, each marked `# EDIT`: `README.md` lists them, and says how to go on.
  '';
in {
  home-server = {
    path = ./home-server;
    description = "One disk, a few containers, snapshots on the host";
    inherit welcomeText;
  };

  raid1-server = {
    path = ./raid1-server;
    description = "Two mirrored disks, PostgreSQL and media, copies to another machine";
    inherit welcomeText;
  };

  ci-builder = {
    path = ./ci-builder;
    description = "A runner of CI jobs, and images of two architectures";
    inherit welcomeText;
  };

  rootless = {
    path = ./rootless;
    description = "Several users' containers, without root's rights";
    inherit welcomeText;
  };

  ephemeral-root = {
    path = ./ephemeral-root;
    description = "A root that is begun anew at each boot, with all data beside it";
    inherit welcomeText;
  };

  high-density = {
    path = ./high-density;
    description = "Hundreds of copies of one application on one disk";
    inherit welcomeText;
  };

  existing-host = {
    path = ./existing-host;
    description = "A filesystem that is there already: nothing is formatted";
    inherit welcomeText;
  };

  backup-receiver = {
    path = ./backup-receiver;
    description = "A host that keeps copies of others";
    inherit welcomeText;
  };
}
