"""How exposed each unit of ours is, by `systemd-analyze security`, as the module declares it."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from lab.real_nix import Nix, Skipped

# The worst that each may come to, from 0 to 10; what is left open has its reason in modules/hardening.nix and in the
# unit. A unit of many filesystems or runs has its bound without their names.
BOUNDS = {
    "podman-btrfs-apply": 2.4,
    # It sees the host's devices, without opening any, and asks the service manager.
    "podman-btrfs-metrics": 1.7,
    # The same, and its record beside the receipts.
    "podman-btrfs-status": 1.7,
    # It reaches targets.
    "podman-btrfs-may-run": 2.5,
    "podman-btrfs-upkeep": 1.5,
    # They run commands in containers, which inherit what a unit may not do, and pause them.
    "podman-btrfs-snapshot": 9.0,
    "podman-btrfs-snapshot-at-stop": 9.0,
    # It runs containers, and reaches targets.
    "podman-btrfs-drill": 7.4,
    # The same, and they speak with registries.
    "podman-btrfs-update": 9.0,
    "podman-btrfs-update-resume": 9.0,
    # It runs podman itself, which makes namespaces and mounts, and speaks with registries.
    "podman-btrfs-prefetch": 9.6,
}
OF_MANY = (
    (re.compile(r"podman-btrfs-(scrub|trim|balance)-.*"), "podman-btrfs-upkeep"),
    (re.compile(r"podman-btrfs-may-run-.*"), "podman-btrfs-may-run"),
    (re.compile(r"podman-btrfs-snapshot-at-stop-.*"), "podman-btrfs-snapshot-at-stop"),
    (re.compile(r"podman-btrfs-snapshot-.*"), "podman-btrfs-snapshot"),
)


def differences(nix: Nix) -> list[str]:
    """One sentence for each unit that is more exposed than stated, or has nothing stated, or is stated and gone."""
    if shutil.which("systemd-analyze") is None:
        raise Skipped("systemd-analyze is not in PATH (Debian package systemd)")
    units = nix.value("units")
    if not isinstance(units, dict) or not units:
        return ["the module has no units"]
    found: list[str] = []
    seen: set[str] = set()
    for unit, config in sorted(units.items()):
        name = next((bound for pattern, bound in OF_MANY if pattern.fullmatch(unit)), unit)
        seen.add(name)
        if name not in BOUNDS:
            found.append(f"{unit} has no bound in checks/nix/hardening.py")
        elif why := too_exposed(unit, config, BOUNDS[name]):
            found.append(why)
    return found + [f"{name} has a bound and is no unit" for name in sorted(BOUNDS.keys() - seen)]


def too_exposed(unit: str, config: dict[str, object], bound: float) -> str | None:
    """Why, if it is."""
    with tempfile.TemporaryDirectory(prefix="podman-btrfs-units-") as folder:
        file = Path(folder) / f"{unit}.service"
        file.write_text(f"[Service]\n{''.join(lines(config))}")
        command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    level = re.search(r"Overall exposure level for .*: ([0-9.]+)", done.stdout)
    if level is None:
        return f"{unit}: systemd-analyze said `{done.stderr.strip()}`"
    return f"{unit} has an exposure of {level[1]}, more than {bound}" if float(level[1]) > bound else None


def lines(config: dict[str, object]) -> list[str]:
    """As NixOS writes a unit: a list is a line for each, and what is run is another program, which need not be here."""
    written: list[str] = []
    for key, value in sorted(config.items()):
        if key.startswith("Exec"):
            continue
        for one in value if isinstance(value, list) else [value]:
            text = str(one).lower() if isinstance(one, bool) else str(one)
            written.append(f"{key}={text}\n")
    return [*written, "ExecStart=/bin/true\n"]
