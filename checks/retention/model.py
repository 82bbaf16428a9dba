"""Our side: the configurations that a plan emits, and what the simulation keeps."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.process import run

ZONE = "Europe/Berlin"

Keep = dict[str, int]


@dataclass(frozen=True)
class Policy:
    """A policy and what our configuration files tell its tool."""

    name: str
    tool: str
    keep: Keep
    keep_all_hours: int
    configuration: str


def ask(program: Path, **question: object) -> object:
    """One question to the models that plans rest on."""
    answer: object = json.loads(run(program, "model", stdin=json.dumps(question)))
    assert answer is not None, f"the model does not know {question.get('onCalendar')} in {question.get('timeZone')}"
    return answer


def moments(answer: object) -> list[int]:
    """An answer that is a list of moments."""
    assert isinstance(answer, list)
    return [int(moment) for moment in answer]


def plan(program: Path, folder: Path, mount_point: Path, policies: dict[str, dict[str, object]]) -> list[Policy]:
    """Plans one workload for each policy, and reads what was emitted for it."""
    declaration = {
        "filesystems": {"tank": {"device": "/dev/disk/by-uuid/a", "mountPoint": str(mount_point)}},
        "workloads": {
            name: {"volumes": {"data": {"class": "documents"}}, "protection": {"policy": name}} for name in policies
        },
        "policies": policies,
    }
    file = folder / "host.json"
    file.write_text(json.dumps(declaration))
    out = folder / "planned"
    done = subprocess.run([program, "plan", file, "--out", out], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"the policies cannot be planned: {done.stderr}"
    jobs = json.loads((out / "plan.json").read_text())["protection"]["jobs"]
    found = []
    for job in jobs:
        emitted = out / ("btrbk/" + job["name"] + ".conf" if job["tool"] == "btrbk" else "snapper/" + job["policy"])
        keep = {unit: count for unit, count in job["keep"].items() if count is not None}
        found.append(Policy(job["policy"], job["tool"], keep, job["keepAllHours"], emitted.read_text()))
    return found


def group(program: Path, folder: Path, mount_point: Path, policy: dict[str, object]) -> tuple[Policy, list[str]]:
    """Plans one workload over several subvolumes, which we take: the policy with its whole configuration, and its series."""
    declaration = {
        "filesystems": {"tank": {"device": "/dev/disk/by-uuid/a", "mountPoint": str(mount_point)}},
        "workloads": {
            "shop": {
                "containers": {"shop": {}},
                "volumes": {
                    "data": {"class": "database", "mounts": {"shop": "/data"}},
                    "files": {"class": "documents", "limit": "1G", "mounts": {"shop": "/files"}},
                },
                "protection": {"policy": "group", "consistency": "application"},
            }
        },
        "policies": {"group": policy},
        "targets": {"elsewhere": {"url": f"{mount_point}-elsewhere"}},
    }
    file = folder / "group.json"
    file.write_text(json.dumps(declaration))
    out = folder / "group"
    done = subprocess.run([program, "plan", file, "--out", out], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"the group cannot be planned: {done.stderr}"
    [job] = json.loads((out / "plan.json").read_text())["protection"]["jobs"]
    series = [one["name"] for one in job["subvolumes"] if one["takenBy"] == "podman-btrfs"]
    keep = {unit: count for unit, count in job["keep"].items() if count is not None}
    emitted = (out / "btrbk" / f"{job['name']}.conf").read_text()
    return Policy(job["policy"], job["tool"], keep, job["keepAllHours"], emitted), series


def kept(program: Path, policy: Policy, taken: list[int], thinned: list[int]) -> list[list[int]]:
    """What the simulation keeps after each thinning."""
    answer = ask(
        program,
        ask="kept",
        tool=policy.tool,
        keep=policy.keep,
        keepAllHours=policy.keep_all_hours,
        timeZone=ZONE,
        taken=taken,
        thinned=thinned,
    )
    assert isinstance(answer, list)
    return [moments(one) for one in answer]
