# A volume is made anew with the attribute that is declared now, on a booted host with a real service manager: its container stops shortly
# and no other does, whatever ends the move is gone on with, a container that does not come up on the new place is back on the old
# one, and a named volume of Podman becomes a declared one. The same script runs on NixOS.

MIGRATE = "/run/current-system/sw/bin/podman-btrfs migrate /etc/podman-btrfs/plan.json"
DOCTOR = "/run/current-system/sw/bin/podman-btrfs doctor /etc/podman-btrfs/plan.json"
FILES = "/srv/data/shop+files"
# The container comes up only where the attribute is not set.
REFUSES = r"""mkdir -p /run/systemd/system/podman-shop.service.d
cat > /run/systemd/system/podman-shop.service.d/refuses.conf <<'END'
[Service]
Environment=PATH=/run/current-system/sw/bin:/usr/bin:/usr/sbin:/bin
ExecStartPre=/bin/sh -c 'case "$(lsattr -d /srv/data/shop+files)" in *C*\ *) exit 1;; esac'
END
systemctl daemon-reload"""

machine.start()
machine.wait_for_unit("multi-user.target")
for container, place in (("shop", FILES), ("blog", "/srv/data/blog/files")):
    machine.wait_for_file(f"{place}/started-{container}")


def sums(place: str) -> str:
    """The sums of what was filled in."""
    return machine.succeed(f"cd {place} && sha256sum file-*")


def run_of(container: str) -> str:
    """What tells one run of a container from the next."""
    return machine.succeed(f"podman inspect --format '{{{{.Id}}}} {{{{.State.StartedAt}}}}' {container}")


def is_nodatacow() -> bool:
    """Whether the place of the volume has the attribute."""
    return "C" in machine.succeed(f"lsattr -d {FILES}").split()[0]


machine.succeed(f"for size in 1 4096 70000 9000000; do head --bytes $size /dev/urandom > {FILES}/file-$size; done")
shop, blog, started = sums(FILES), run_of("blog"), run_of("shop")

with subtest("another declaration moves nothing by itself, and says what does"):
    switch_to("nodatacow")
    assert not is_nodatacow() and run_of("shop") == started
    status, told = machine.execute(DOCTOR)
    assert status == 1 and "migrate" in told, told

with subtest("it is said beforehand what it takes"):
    told = machine.succeed(f"{MIGRATE} shop/files --dry-run")
    assert "podman-shop.service" in told, told
    assert run_of("shop") == started

with subtest("a container that does not come up on the new place is back on the old one"):
    machine.succeed(REFUSES)
    status, told = machine.execute(f"{MIGRATE} shop/files 2>&1")
    assert status != 0 and "going back" in told, told
    machine.wait_for_unit("podman-shop.service")
    assert not is_nodatacow() and sums(FILES) == shop
    machine.succeed("rm -r /run/systemd/system/podman-shop.service.d && systemctl daemon-reload")

with subtest("the move is killed at many moments and gone on with"):
    moments = (1, 2, 3, 4, 5, 7, 9, 12)
    ended = [machine.execute(f"timeout --signal=KILL {tenths / 10} {MIGRATE} shop/files")[0] for tenths in moments]
    assert ended.count(137) > 3, f"the kills came too late: {ended}"
    machine.succeed(f"{MIGRATE} shop/files")
    machine.wait_for_unit("podman-shop.service")
    assert is_nodatacow() and sums(FILES) == shop
    assert run_of("shop") != started
    assert run_of("blog") == blog, "the other container never stopped"

with subtest("a named volume of Podman becomes a declared one"):
    machine.succeed("podman volume create letters")
    letters = machine.succeed("podman volume inspect --format '{{.Mountpoint}}' letters").strip()
    machine.succeed(f"for size in 5 500000; do head --bytes $size /dev/urandom > {letters}/file-$size; done")
    known = sums(letters)
    machine.succeed("systemctl stop podman-blog.service && rm /srv/data/blog/files/started-blog")
    machine.succeed(f"{MIGRATE} blog/files --from-podman-volume letters --keep 0")
    machine.succeed("systemctl start podman-blog.service")
    machine.wait_for_file("/srv/data/blog/files/started-blog")
    assert sums("/srv/data/blog/files") == known and sums(letters) == known

with subtest("nothing is left to be moved"):
    machine.succeed(f"{MIGRATE} shop/files | grep --quiet already")
    told = machine.execute(DOCTOR)[1]
    assert "migrate" not in told, told

machine.shutdown()
