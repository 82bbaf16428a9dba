"""The unit that unlocks a device waits for the mounts of its key file's path, not for the unit that makes the file.

And a mount with nofail is neither required nor waited for by local-fs.target.
"""

import os
from pathlib import Path

from lab.process import run
from proofs.bench import Bench, Skipped

GENERATORS = (Path("/lib/systemd/system-generators"), Path("/usr/lib/systemd/system-generators"))
MAKER = "agenix-install-secrets.service"


def prove(bench: Bench) -> None:
    cryptsetup = unit(
        bench,
        "systemd-cryptsetup-generator",
        "SYSTEMD_CRYPTTAB",
        "systemd-cryptsetup@data.service",
        ("data /dev/disk/by-partlabel/data /run/agenix/key luks\n"),
    )
    assert "RequiresMountsFor=/run/agenix/key" in cryptsetup, f"the key file's path is not waited for:\n{cryptsetup}"
    assert MAKER not in cryptsetup, "the generator knows who makes the key file"

    plain = folder(bench, "systemd-fstab-generator", "SYSTEMD_FSTAB", "/dev/mapper/data /data btrfs defaults 0 0\n")
    nofail = folder(bench, "systemd-fstab-generator", "SYSTEMD_FSTAB", "/dev/mapper/data /data btrfs nofail 0 0\n")
    ordered = folder(
        bench,
        "systemd-fstab-generator",
        "SYSTEMD_FSTAB",
        (f"/dev/mapper/data /data btrfs nofail,x-systemd.requires={MAKER} 0 0\n"),
    )
    # Control: without nofail the target requires the mount and waits for it.
    assert (plain / "local-fs.target.requires/data.mount").is_symlink(), "a plain mount is not required"
    assert "Before=local-fs.target" in (plain / "data.mount").read_text(), "a plain mount is not waited for"
    assert not (nofail / "local-fs.target.requires/data.mount").exists(), "a mount with nofail is required"
    assert "Before=local-fs.target" not in (nofail / "data.mount").read_text(), "a mount with nofail is waited for"
    # Control: what is said is written, so the silence above means something.
    assert f"After={MAKER}" in (ordered / "data.mount").read_text(), "x-systemd.requires orders nothing"
    bench.record(unlocking_waits_for="the mounts of /run/agenix/key", nofail_waited_for=False)


def folder(bench: Bench, generator: str, variable: str, table: str) -> Path:
    """What a generator of systemd makes of a table."""
    program = next((path / generator for path in GENERATORS if (path / generator).exists()), None)
    if program is None:
        raise Skipped(f"{generator} is not installed (Debian package systemd)")
    number = len(list(bench.folder.glob("table-*")))
    file = bench.folder / f"table-{number}"
    file.write_text(table)
    made = bench.folder / f"units-{number}"
    made.mkdir()
    run(program, made, made, made, env=os.environ | {variable: str(file)})
    return made


def unit(bench: Bench, generator: str, variable: str, name: str, table: str) -> str:
    return (folder(bench, generator, variable, table) / name).read_text()
