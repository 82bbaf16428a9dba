# Podman's own storage.
{lib, ...}: let
  inherit (lib) mkOption types;
  inherit (import ./make.nix {inherit lib;}) generated mkUnsaid namedBy;

  pullOptions = {
    options = {
      partialImages = mkUnsaid types.bool {
        example = false;
        description = "Whether only those files of a layer are fetched that no other layer has. Null: decided.";
      };

      hardLinks = mkUnsaid types.bool {
        example = false;
        description = "Whether such a file becomes a hard link in place of a reflink. Null: no.";
      };

      convertImages = mkUnsaid types.bool {
        example = true;
        description = "Whether images in other forms are converted on pull, so that their files are shared too. Null: no.";
      };
    };
  };

  user = {
    options.uid = mkUnsaid types.ints.positive {
      example = 1000;
      description = ''
        The user's number, by which Podman 6 finds the file with the user's store. Null: `users.users.<name>.uid`, and
        unknown where that is null or disko's module is imported, which makes it unreadable while planning.
      '';
    };
  };
in {
  options = {
    filesystem = mkUnsaid types.str {
      example = "tank";
      description = "The filesystem that holds Podman's stores. Null: the only one.";
    };

    driver = mkUnsaid (types.enum generated.drivers) {
      example = "overlay";
      description = "The storage driver. Null: that of the store that exists, else decided.";
    };

    imageStore = mkUnsaid types.bool {
      example = true;
      description = ''
        Whether images are kept apart from the graph root, in a subvolume of their own. It needs Podman 4.6 and the
        overlay driver. Null: no.
      '';
    };

    additionalImageStores = mkOption {
      type = types.listOf types.str;
      default = [];
      example = ["/srv/images"];
      description = ''
        Read-only stores of images that other hosts or builds fill. They need the overlay driver, and containers wait
        for their mounts: while one is missing, every command of Podman fails.
      '';
    };

    transientStore = mkUnsaid types.bool {
      example = false;
      description = ''
        Whether containers and Podman's database are forgotten at every boot; named volumes are, too. It needs Podman
        4.4. Null: no.
      '';
    };

    pullOptions = mkUnsaid (types.submodule pullOptions) {
      example = {convertImages = true;};
      description = "How layers are pulled from a registry. Null: decided.";
    };

    numLocks = mkUnsaid types.ints.positive {
      example = 8192;
      description = "How many locks Podman has: one for each container, pod and volume. Null: decided.";
    };

    users = mkOption {
      type = namedBy "user" (types.submodule user);
      default = {};
      example = {alice = {};};
      description = "Users with a rootless store on that filesystem.";
    };

    existing = mkOption {
      type = types.submodule ./existing/engine.nix;
      default = {};
      example = {prune.all = true;};
      description = "What the host has of it today, and the plan did not make.";
    };
  };
}
