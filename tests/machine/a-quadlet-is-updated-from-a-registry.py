# A quadlet with `AutoUpdate=registry` on a booted host: images are pushed to a real registry, and `update --auto` pulls them. One that changes
# data and fails goes back with the data and is not tried again; one that does stays. The same script runs on NixOS.

PROGRAM = "/run/current-system/sw/bin/podman-btrfs"
PLAN = "/etc/podman-btrfs/plan.json"
UPDATE = f"{PROGRAM} update {PLAN} --auto --health-window 6 2>&1"
REFERENCE = "localhost:5000/app:1"
PLACES = ("/srv/data/shop/files", "/srv/data/shop+more")

MAKE = r"""set -e
rm -rf /tmp/image && mkdir -p /tmp/image/bin && cp "$(readlink -f "$(command -v busybox)")" /tmp/image/bin/busybox
cat > /tmp/image/begin <<'END'
#!/bin/busybox sh
DOES
/bin/busybox date > /data/started
exec /bin/busybox sleep 100000
END
chmod 755 /tmp/image/begin
tar --create --directory /tmp/image --file /tmp/image.tar .
podman import --quiet --change 'CMD ["/begin"]' /tmp/image.tar localhost/made:NAME
podman push --quiet localhost/made:NAME docker://localhost:5000/app:1"""


def push(name: str, does: str) -> str:
    """Makes an image, and pushes it as the one that the reference means; its identity."""
    machine.succeed(MAKE.replace("NAME", name).replace("DOES", does))
    return machine.succeed(f"podman image inspect --format '{{{{.Id}}}}' localhost/made:{name}").strip()


def runs() -> str:
    """The image that the container runs."""
    return machine.succeed("podman inspect --format '{{.Image}}' systemd-app").strip()


def comes_up() -> None:
    """Waits for it."""
    machine.wait_for_unit("app.service")
    machine.wait_for_file(f"{PLACES[0]}/started")


def sums() -> str:
    """The sums of what was filled in."""
    return "".join(machine.succeed(f"cd {place} && sha256sum file version") for place in PLACES)


machine.start()
machine.wait_for_unit("multi-user.target")
# Debian's asks for a password.
machine.succeed("! test -e /etc/docker/registry/config.yml || sed -i '/^auth:/,$d' /etc/docker/registry/config.yml")
machine.succeed("systemctl start docker-registry.service")
machine.wait_until_succeeds("curl --silent --fail http://localhost:5000/v2/", timeout=30)
old = push("first", "")
machine.succeed("systemctl reset-failed app.service; systemctl restart app.service")
comes_up()
for place in PLACES:
    machine.succeed(f"head --bytes 900000 /dev/urandom > {place}/file; echo 1 > {place}/version")
known = sums()

with subtest("its volumes are where they are planned, and a group snapshot finds and pauses it"):
    assert machine.succeed("podman exec systemd-app /bin/busybox cat /data/version /more/version") == "1\n1\n"
    told = machine.succeed(f"{PROGRAM} snapshot {PLAN} shop --format json")
    assert '"reached": "crash"' in told and f'"app": "{old if old.startswith("sha256:") else "sha256:" + old}"' in told, told
    machine.succeed("journalctl --output=cat --grep 'container pause' | grep --quiet systemd-app")

with subtest("nothing new in the registry: nothing is done"):
    status, told = machine.execute(UPDATE)
    assert status == 0 and runs() == old and sums() == known, told

with subtest("an image that changes data and fails is pulled, and goes back with the data"):
    wrong = push("wrong", "/bin/busybox rm /data/file /more/file; echo 2 > /data/version; echo 2 > /more/version; /bin/busybox sync; exit 1")
    status, told = machine.execute(UPDATE)
    assert status == 1 and "went back: shop runs on its old image and its old data" in told, told
    comes_up()
    assert runs() == old and sums() == known, told
    assert wrong in machine.succeed("podman image inspect --format '{{.Id}}' localhost/podman-btrfs/failed:systemd-app"), told

with subtest("it is not tried again by itself"):
    status, told = machine.execute(UPDATE)
    assert status == 0 and runs() == old and sums() == known, told

with subtest("the next one does, and stays, also after a boot without the registry"):
    new = push("next", "echo 3 > /data/version; echo 3 > /more/version")
    status, told = machine.execute(UPDATE)
    assert status == 0 and runs() == new, told
    assert [machine.succeed(f"cat {place}/version") for place in PLACES] == ["3\n", "3\n"]
    machine.reboot()
    machine.wait_for_unit("multi-user.target")
    comes_up()
    assert runs() == new

machine.shutdown()
