# Restore drills: on request, from where it is said, and nothing of one that was ended stays.
{
  lib,
  tools,
}:
with tools; let
  drilled = more: (evaluate [../hosts/shop.nix {services.podmanBtrfs.drill = {enable = true;} // more;}]).config;
  unit = config: config.systemd.services.podman-btrfs-drill;
  timer = config: config.systemd.timers.podman-btrfs-drill;
  execution = config: (unit config).serviceConfig.ExecStart;
in {
  drills-are-held-on-request = let
    config = drilled {};
    inherit (unit config) serviceConfig;
  in
    expect "nobody asked for a unit" (shop.config.systemd.services ? podman-btrfs-drill) false
    ++ expect "nor for a timer" (shop.config.systemd.timers ? podman-btrfs-drill) false
    ++ holds "it is not what is run: ${execution config}" (lib.hasSuffix "/bin/podman-btrfs drill /etc/podman-btrfs/plan.json --everywhere" (execution config))
    ++ holds "whatever ended it, nothing stays" (lib.hasSuffix "/bin/podman-btrfs drill /etc/podman-btrfs/plan.json --clear" serviceConfig.ExecStopPost)
    ++ expect "what is found fails the unit" (serviceConfig ? SuccessExitStatus) false
    ++ expect "how often" (timer config).timerConfig.OnCalendar "monthly"
    ++ expect "what was missed is made up for" (timer config).timerConfig.Persistent true
    ++ expect "the timer is started" (timer config).wantedBy ["timers.target"]
    ++ expect "and nothing else starts it" ((unit config).wantedBy or []) []
    ++ expect "a failed apply does not keep it" (unit config).requires []
    ++ expect "a switch leaves it alone" (unit config).restartIfChanged false
    ++ expect "the end of the machine stops it" (unit config).conflicts ["shutdown.target" "sleep.target"]
    ++ expect "it records beside the receipts" serviceConfig.StateDirectory config.systemd.services.podman-btrfs-apply.serviceConfig.StateDirectory
    ++ expect "which stay root's" serviceConfig.StateDirectoryMode "0700"
    ++ expect "what others have in the directory of work stays" serviceConfig.RuntimeDirectoryPreserve true;

  drills-are-held-when-and-where-it-is-said = let
    config = drilled {
      calendar = "weekly";
      fromTargets = false;
    };
    encrypted = drilled {gnupgHome = "/root/copies.gnupg";};
  in
    expect "how often" (timer config).timerConfig.OnCalendar "weekly"
    ++ holds "this host alone: ${execution config}" (lib.hasSuffix "/bin/podman-btrfs drill /etc/podman-btrfs/plan.json" (execution config))
    ++ expect "nobody's keys" (unit config).serviceConfig.ReadWritePaths []
    ++ holds "the private key: ${execution encrypted}" (lib.hasSuffix " --everywhere --gnupg-home /root/copies.gnupg" (execution encrypted))
    ++ expect "gpg locks it" (unit encrypted).serviceConfig.ReadWritePaths ["-/root/copies.gnupg"];
}
