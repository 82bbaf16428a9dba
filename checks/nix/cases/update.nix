# Updates of images: the timer where it is asked for, and the unit that ends what was ended in the middle.
{
  lib,
  tools,
}:
with tools; let
  asked = more: (evaluate [../hosts/shop.nix {services.podmanBtrfs.update = {enable = true;} // more;}]).config;
  unit = config: config.systemd.services.podman-btrfs-update;
  resume = shop.config.systemd.services.podman-btrfs-update-resume;
  isTold = config: lib.any (lib.hasInfix "podman-auto-update.timer is started beside") config.warnings;
  beside = timer: (evaluate [../hosts/shop.nix {services.podmanBtrfs.update.enable = true;} {systemd.timers.podman-auto-update = timer;}]).config;
in {
  images-are-updated-on-request = let
    config = asked {
      calendar = "Sun 03:00";
      healthWindow = 300;
    };
  in
    expect "nobody asked" (shop.config.systemd.services ? podman-btrfs-update) false
    ++ expect "nor a timer" (shop.config.systemd.timers ? podman-btrfs-update) false
    ++ holds "it is not what is run" (lib.hasSuffix "/bin/podman-btrfs update /etc/podman-btrfs/plan.json --auto --health-window 300" (unit config).serviceConfig.ExecStart)
    ++ expect "when" config.systemd.timers.podman-btrfs-update.timerConfig.OnCalendar "Sun 03:00"
    ++ expect "the timer is started" config.systemd.timers.podman-btrfs-update.wantedBy ["timers.target"]
    ++ expect "it waits for the network, and for what is ended first" (unit config).after ["podman-btrfs-apply.service" "network-online.target" "podman-btrfs-update-resume.service"]
    ++ expect "a switch leaves it alone" (unit config).restartIfChanged false;

  an-update-that-was-ended-in-the-middle-is-ended-at-boot =
    holds "it is not what is run" (lib.hasSuffix "/bin/podman-btrfs update /etc/podman-btrfs/plan.json --resume" resume.serviceConfig.ExecStart)
    ++ expect "it is started" resume.wantedBy ["multi-user.target"]
    ++ expect "where there was an update" resume.unitConfig.ConditionDirectoryNotEmpty "/var/lib/podman-btrfs/receipts/updates"
    ++ expect "it requires apply" resume.requires ["podman-btrfs-apply.service"]
    ++ holds "and the places" (lib.elem "/srv/tank/.snapshots" resume.unitConfig.RequiresMountsFor)
    ++ expect "receipts stay root's" resume.serviceConfig.StateDirectoryMode "0700";

  two-timers-that-update-images-are-told =
    holds "podman's own is started" (isTold (beside {wantedBy = ["timers.target"];}))
    ++ expect "it is switched off" (isTold (beside {
      enable = false;
      wantedBy = ["timers.target"];
    }))
    false
    ++ expect "it is there and nobody starts it" (isTold (beside {wantedBy = [];})) false
    ++ expect "there is none" (isTold (asked {})) false;
}
