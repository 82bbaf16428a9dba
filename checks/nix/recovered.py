"""A lost host comes back before its first boot, by disko's scripts and the chapter's commands, on loop devices with the real btrbk."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import on_loops
from disko_format import TOOLS
from lab.real_nix import HELPER, REPOSITORY, Nix

FOLDER = Path(__file__).resolve().parent
# A whole system on one disk, without encryption.
SCENARIO = "high-density"
WHOLE: dict[str, Any] = {
    "filesystems": {
        "fast": {
            "disks": ["/dev/disk/by-id/nvme-SAMSUNG_MZQL23T8HCLS-00A07_S64HNE0T111111"],
            "media": "nvme",
            "capacity": "4T",
            "system": True,
        }
    },
    "workloads": {
        "shop": {
            "volumes": {
                "data": {"class": "database", "copyOnWrite": False},
                "files": {"class": "documents", "compression": "zstd"},
                "limited": {"class": "documents", "limit": "100M"},
                "cache": {"class": "cache", "snapshot": False},
            },
            "protection": {"policy": "gold", "consistency": "none"},
        },
        "blog": {"volumes": {"posts": {"class": "documents"}}, "protection": {"policy": "gold", "consistency": "none"}},
    },
    "policies": {"gold": {"tool": "btrbk", "rpo": "1h", "keep": {"hourly": 24}, "targets": ["usb"]}},
    "targets": {"usb": {"url": "/media/usb/copies", "keep": {"hourly": 24}}},
}


def recover(nix: Nix) -> list[str]:
    """Plans the host, and plays its end and its return."""
    with tempfile.TemporaryDirectory(prefix="podman-btrfs-lost-") as folder:
        work = Path(folder)
        shutil.copy2(HELPER, work / "podman-btrfs")
        (work / "host.json").write_text(json.dumps(WHOLE))
        words: list[str | Path] = [work / "podman-btrfs", "plan", work / "host.json", "--out", work / "planned"]
        subprocess.run(words, check=True, capture_output=True)
        scenario = REPOSITORY / "tests" / "scenarios" / SCENARIO / "artefacts" / "disko.nix"
        if (work / "planned" / "disko.nix").read_text() != scenario.read_text():
            return [f"its disko.nix is not that of {SCENARIO}, whose scripts are run"]
        for act in ("format", "mount"):
            (work / act).write_text(str(nix.value(f'{act}Scripts."{SCENARIO}"')))
        return on_loops.failures([*TOOLS, "btrbk", "lsattr"], FOLDER / "recovered_on_loops.py", work)


def checks(nix: Nix) -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """One, of all of it."""
    yield "a-lost-host-comes-back-before-its-first-boot", lambda: recover(nix)
