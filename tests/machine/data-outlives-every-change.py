# A host that gets a workload, loses one and renames one, is killed in the middle of a run and booted again: what no change is about
# goes on throughout, and every file is at the end what it was. The same script runs on NixOS.

APPLY = "/run/current-system/sw/bin/podman-btrfs apply /etc/podman-btrfs/plan.json"

machine.start(allow_reboot=True)
machine.wait_for_unit("multi-user.target")


def fill(workload: str) -> str:
    """Files of many sizes in its volume; the sums of them all."""
    place = f"/srv/data/{workload}/files"
    machine.wait_for_file(f"{place}/started-{workload}")
    sizes = "1 4095 4096 70000 1300000"
    machine.succeed(f"for size in {sizes}; do head --bytes $size /dev/urandom > {place}/file-$size; done")
    return sums(place)


def sums(place: str) -> str:
    """The sums of what was filled in."""
    return machine.succeed(f"cd {place} && sha256sum file-*")


def run_of(container: str) -> str:
    """What tells one run of a container from the next."""
    return machine.succeed(f"podman inspect --format '{{{{.Id}}}} {{{{.State.StartedAt}}}}' {container}")


shop, wiki = fill("shop"), fill("wiki")
before = run_of("shop")

with subtest("a workload is added"):
    switch_to("added")
    machine.wait_for_unit("podman-notes.service")
    notes = fill("notes")
    assert run_of("shop") == before

with subtest("a workload is removed: its data stays, and a last snapshot of it"):
    switch_to("removed")
    machine.fail("systemctl is-active --quiet podman-wiki.service")
    assert sums("/srv/data/wiki/files") == wiki
    assert run_of("shop") == before

with subtest("apply is killed at many moments, and the next run ends well"):
    for milliseconds in range(0, 200, 10):
        machine.execute(f"timeout --signal=KILL 0.{milliseconds + 1:03} {APPLY}")
    machine.succeed(APPLY)
    assert run_of("shop") == before

with subtest("a workload is renamed, and its data goes along"):
    switch_to("renamed")
    machine.wait_for_unit("podman-notes.service")
    assert sums("/srv/data/minutes/files") == notes
    machine.fail("test -e /srv/data/notes")
    assert run_of("shop") == before

with subtest("it is booted again"):
    machine.reboot()
    machine.wait_for_unit("multi-user.target")
    # On NixOS a test's machine boots the generation that it began with.
    switch_to("renamed")
    for container in ("shop", "notes"):
        machine.wait_for_unit(f"podman-{container}.service")

with subtest("every byte is what it was, also in the last snapshot"):
    assert sums("/srv/data/shop/files") == shop
    assert sums("/srv/data/minutes/files") == notes
    assert sums("/srv/data/wiki/files") == wiki
    last = machine.succeed("ls --directory /srv/data/.snapshots/.podman-btrfs-last/wiki.* /srv/data/.podman-btrfs-last/wiki.* 2>/dev/null || true").split()
    assert last and sums(f"{last[0]}/files") == wiki, last
    machine.succeed("btrfs scrub start -B /srv/data")

machine.shutdown()
