"""Switches a running machine to another generation by the rules of NixOS' `switch-to-configuration test`.

The rules are those of the program of NixOS 26.05 (`switch-to-configuration-ng`): which units change, in which of four ways,
and in what order these come. It also prints what it does in the same words, so that a script can read it on both.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .generation import Generation, put_in_place
from .units import Unit

# Changes of these keys of `[Unit]` alone leave a unit as it is.
IGNORED = {
    "AllowIsolate", "CollectMode", "Description", "Documentation", "IgnoreOnIsolate", "OnFailure", "OnFailureJobMode", "OnSuccess",
    "RefuseManualStart", "RefuseManualStop", "SourcePath", "StopWhenUnneeded",
}  # fmt: skip
TRUE = {"1", "yes", "true", "on"}

Execute = Callable[[str], tuple[int, str]]


@dataclass
class Changes:
    """Units by what is to be done with them."""

    stop: set[str] = field(default_factory=set)
    reload: set[str] = field(default_factory=set)
    restart: set[str] = field(default_factory=set)
    start: set[str] = field(default_factory=set)
    skip: set[str] = field(default_factory=set)


def changes(old: Generation, new: Generation, active: set[str]) -> Changes:
    """What a switch does, besides starting the targets."""
    found = Changes()
    for name, unit in old.units.items():
        if name in active:
            add_unit(found, unit, new.units.get(name))
    for place, mount in old.mounts.items():
        successor = new.mounts.get(place)
        if successor is None:
            found.stop.add(mount.unit)
        elif (mount.device, mount.kind) != (successor.device, successor.kind):
            found.restart.add(mount.unit)
        elif mount.options != successor.options:
            found.reload.add(mount.unit)
    return found


def add_unit(found: Changes, old: Unit, new: Unit | None) -> None:
    """What becomes of an active unit."""
    if new is None:
        if is_set(old, "Unit", "X-StopOnRemoval", True):
            found.stop.add(old.name)
    elif not differ(old, new) or old.name.endswith((".slice", ".path")):
        return
    elif is_set(new, "Service", "X-ReloadIfChanged", False):
        found.reload.add(new.name)
    elif not is_set(new, "Service", "X-RestartIfChanged", True):
        found.skip.add(new.name)
    elif not is_set(new, "Service", "X-StopIfChanged", True) or not new.name.endswith(".service"):
        found.restart.add(new.name)
    else:
        found.stop.add(new.name)
        found.start.add(new.name)


def differ(old: Unit, new: Unit) -> bool:
    """Whether a unit changed in more than how it is described."""
    return compared(old) != compared(new)


def compared(unit: Unit) -> dict[str, dict[str, list[str]]]:
    """A unit's sections, without what is not looked at."""
    return {
        section: {key: values for key, values in keys.items() if section != "Unit" or key not in IGNORED}
        for section, keys in unit.sections.items()
    }


def is_set(unit: Unit, section: str, key: str, default: bool) -> bool:
    """A key that is yes or no."""
    values = unit.sections.get(section, {}).get(key)
    return values[-1] in TRUE if values else default


def switch(old: Generation, new: Generation, root: Path, execute: Execute) -> tuple[bool, str]:
    """Does it: whether all went well, and what was said."""
    said: list[str] = []
    units = active_units(execute)
    found = changes(old, new, {unit for unit in units if not unit.endswith(".target")})
    targets = startable(execute, [unit for unit in units if unit.endswith(".target")])

    def act(verb: str, told: str, names: Iterable[str], quiet: Iterable[str] = ()) -> bool:
        if shown := sorted(names):
            said.append(f"{told} the following units: {', '.join(shown)}")
        every = [*shown, *sorted(quiet)]
        return not every or execute(f"systemctl {verb} -- {shlex.join(every)} 2>&1")[0] == 0

    act("stop", "stopping", found.stop)
    if found.skip:
        said.append(f"NOT restarting the following changed units: {', '.join(sorted(found.skip))}")
    put_in_place(new, old, root)
    well = execute("systemctl reset-failed && systemctl daemon-reload")[0] == 0
    # On NixOS a unit that is started at `sysinit-reactivation.target`.
    well &= execute("systemd-tmpfiles --create --remove --exclude-prefix=/dev")[0] in (0, 65, 73)
    # What stopped in the meantime, because something that it needs did, cannot be reloaded.
    still = {unit for unit in found.reload if execute(f"systemctl is-active --quiet -- {shlex.quote(unit)}")[0] == 0}
    found.start |= {unit for unit in found.reload - still if unit in new.units}
    well &= act("reload", "reloading", still)
    well &= act("restart", "restarting", found.restart)
    well &= act("start", "starting", found.start, quiet=targets)
    fresh = active_units(execute) - units - found.start
    if shown := sorted(unit for unit in fresh if not unit.endswith(".target")):
        said.append(f"the following new units were started: {', '.join(shown)}")
    if failed := execute("systemctl list-units --state=failed --plain --no-legend")[1]:
        said.append(f"warning: the following units failed: {', '.join(line.split()[0] for line in failed.splitlines())}")
        well = False
    return well, "\n".join(said)


def begin(old: Generation, new: Generation, root: Path, execute: Execute) -> None:
    """The part of a switch up to the reloading of units, which goes on; for one that is never finished."""
    found = changes(old, new, active_units(execute))
    if found.stop:
        execute(f"systemctl stop -- {shlex.join(sorted(found.stop))}")
    put_in_place(new, old, root)
    execute("systemctl daemon-reload")
    execute(f"systemctl reload --no-block -- {shlex.join(sorted(found.reload))}")


def active_units(execute: Execute) -> set[str]:
    """Units that run or are about to."""
    _, listed = execute("systemctl list-units --state=active,activating --output=json")
    return {unit["unit"] for unit in json.loads(listed)}


def startable(execute: Execute, targets: list[str]) -> list[str]:
    """Active targets that may be started by hand: starting them starts what they want now."""
    _, shown = execute(f"systemctl show --property=Id,RefuseManualStart -- {shlex.join(sorted(targets))}")
    properties = [dict(line.split("=", 1) for line in block.splitlines()) for block in shown.split("\n\n")]
    return [one["Id"] for one in properties if one.get("RefuseManualStart") == "no"]
