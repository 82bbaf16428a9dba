# Declarations of the NixOS options that the module reads and sets, for evaluation where only nixpkgs' `lib` is.
# With a whole nixpkgs (NIX_PATH) the real ones take their place.
{lib, ...}: let
  inherit (lib) mkOption types;

  mkAny = default:
    mkOption {
      inherit default;
      type = types.anything;
    };

  mkNamed = options:
    mkOption {
      type = types.attrsOf (types.submodule {inherit options;});
      default = {};
    };

  mkList = mkOption {
    type = types.listOf types.unspecified;
    default = [];
  };

  # As NixOS has it: of several definitions lists are joined, and anything else must agree.
  settings = types.attrsOf (types.either (types.listOf types.unspecified) types.anything);

  # The options of a unit that hold lists, or else several modules could not each add to it; the rest as it comes.
  unit = types.submodule {
    freeformType = types.attrsOf types.anything;
    options =
      lib.genAttrs ["after" "before" "requires" "wants" "conflicts" "bindsTo" "partOf" "wantedBy" "requiredBy" "path"] (_: mkList)
      // lib.genAttrs ["unitConfig" "serviceConfig" "timerConfig" "sliceConfig"] (_:
        mkOption {
          type = settings;
          default = {};
        });
  };

  mkUnits = mkOption {
    type = types.attrsOf unit;
    default = {};
  };
in {
  options = {
    assertions = mkList;
    warnings = mkList;
    boot = {
      binfmt.emulatedSystems = mkList;
      binfmt.preferStaticEmulators = mkAny false;
      kernel.sysctl = mkAny {};
      initrd = {
        luks = mkAny {};
        supportedFilesystems = mkList;
        postDeviceCommands = mkAny "";
        systemd = {
          enable = mkAny false;
          services = mkAny {};
        };
      };
    };
    swapDevices = mkList;

    networking.hostName = mkAny "nixos";

    environment.systemPackages = mkList;
    environment.etc = mkAny {};

    system.build = mkAny {};
    system.checks = mkList;
    systemd = {
      services = mkUnits;
      user.services = mkUnits;
      slices = mkUnits;
      timers = mkUnits;
      tmpfiles.settings = mkAny {};
    };
    security.sudo = {
      enable = mkAny true;
      extraRules = mkList;
    };
    users.users = mkNamed {
      uid = mkAny null;
      isNormalUser = mkAny false;
      isSystemUser = mkAny false;
      group = mkAny "";
      home = mkAny "";
      shell = mkAny null;
      openssh.authorizedKeys.keys = mkList;
      linger = mkAny null;
      subUidRanges = mkList;
      subGidRanges = mkList;
      autoSubUidGidRange = mkAny false;
    };
    users.groups = mkAny {};

    fileSystems = mkNamed {
      device = mkAny null;
      fsType = mkAny null;
      neededForBoot = mkAny false;
      options = mkOption {
        type = types.listOf types.str;
        default = ["defaults"];
      };
    };

    services.openssh = {
      enable = mkAny false;
      extraConfig = mkOption {
        type = types.lines;
        default = "";
      };
    };
    programs.ssh = {
      extraConfig = mkOption {
        type = types.lines;
        default = "";
      };
      knownHosts = mkNamed {
        hostNames = mkList;
        publicKey = mkAny "";
      };
    };

    services.prometheus = {
      ruleFiles = mkList;
      exporters.node = {
        enable = mkAny false;
        extraFlags = mkList;
      };
    };
    services.btrbk = {
      instances = mkAny {};
      extraPackages = mkList;
    };
    system.preSwitchChecks = mkAny {};
    services.snapper = {
      configs = mkAny {};
      snapshotInterval = mkAny "hourly";
    };

    virtualisation = {
      podman.autoPrune = {
        enable = mkAny false;
        flags = mkList;
      };
      containers = {
        enable = mkAny false;
        # As NixOS has it: its own values give way to any other.
        storage.settings = mkAny {};
        containersConf.settings = mkAny {};
      };
      oci-containers.containers = mkOption {
        type = types.attrsOf (types.submodule ({name, ...}: {
          options = {
            image = mkOption {type = types.str;};
            serviceName = mkAny "podman-${name}";
            podman = mkAny {user = "root";};
            volumes = mkOption {
              type = types.listOf types.str;
              default = [];
            };
          };
        }));
        default = {};
      };
    };
  };

  config = {
    virtualisation.containers.storage.settings.storage = lib.mkDefault {
      driver = "overlay";
      graphroot = "/var/lib/containers/storage";
      runroot = "/run/containers/storage";
    };

    _module.args = {
      utils = {
        escapeSystemdPath = path:
          lib.replaceStrings ["-" "/"] ["\\x2d" "-"] (lib.removePrefix "/" path);
        escapeSystemdExecArgs = lib.concatMapStringsSep " " (word: lib.replaceStrings ["%" "$"] ["%%" "$$"] (builtins.toJSON word));
      };
      pkgs = import ./stub-packages.nix;
    };
  };
}
