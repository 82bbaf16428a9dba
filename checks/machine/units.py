"""Unit files from the module's values, as NixOS writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# Options of a unit, and the keys of its `[Unit]` section that they are.
DEPENDENCIES = {
    "after": "After",
    "before": "Before",
    "bindsTo": "BindsTo",
    "conflicts": "Conflicts",
    "documentation": "Documentation",
    "partOf": "PartOf",
    "requires": "Requires",
    "wants": "Wants",
}
SECTIONS = {"service": "Service", "timer": "Timer", "slice": "Slice"}
# What decides how a switch goes about a changed service: a key that systemd does not read.
SWITCHES = {
    "reloadIfChanged": "X-ReloadIfChanged",
    "restartIfChanged": "X-RestartIfChanged",
    "stopIfChanged": "X-StopIfChanged",
}
OF_ANOTHER_KIND = {f"{kind}Config" for kind in SECTIONS}

Sections = dict[str, dict[str, list[str]]]


@dataclass(frozen=True)
class Unit:
    """One unit: what is in its file, and where in /etc/systemd/system that and its links are."""

    name: str
    sections: Sections
    # To a unit that another program writes: the file is a drop-in.
    is_drop_in: bool
    wanted_by: tuple[str, ...]
    required_by: tuple[str, ...]

    @property
    def file(self) -> str:
        """Below /etc/systemd/system."""
        return f"{self.name}.d/overrides.conf" if self.is_drop_in else self.name

    @property
    def text(self) -> str:
        """The file."""
        parts = []
        for section, settings in self.sections.items():
            lines = [f"{key}={value}" for key, values in settings.items() for value in values]
            parts += [f"[{section}]", *lines, ""]
        return "\n".join(parts)

    @property
    def links(self) -> list[str]:
        """Below /etc/systemd/system; each leads to the file."""
        wanted = [f"{target}.wants/{self.name}" for target in self.wanted_by]
        return wanted + [f"{target}.requires/{self.name}" for target in self.required_by]


def read(kind: str, name: str, settings: dict[str, Any]) -> Unit:
    """A unit of the module; what is not known here is a mistake, for it would be missing from the file."""
    rest = dict(settings)
    of_unit: dict[str, list[str]] = {}
    if "description" in rest:
        of_unit["Description"] = [rest.pop("description")]
    for option, key in DEPENDENCIES.items():
        if names := rest.pop(option, []):
            of_unit[key] = [" ".join(names)]
    of_unit |= of_section(rest.pop("unitConfig", {}))
    own = of_section(rest.pop(f"{kind}Config", {}))
    for option, key in SWITCHES.items():
        if option in rest:
            own[key] = values(rest.pop(option))
    unit = Unit(
        name=f"{name}.{kind}",
        sections={title: keys for title, keys in (("Unit", of_unit), (SECTIONS[kind], own)) if keys},
        is_drop_in=rest.pop("overrideStrategy", None) == "asDropin",
        wanted_by=tuple(rest.pop("wantedBy", [])),
        required_by=tuple(rest.pop("requiredBy", [])),
    )
    if unknown := [option for option, value in rest.items() if option not in OF_ANOTHER_KIND or value]:
        raise NotImplementedError(f"{unit.name} sets {', '.join(unknown)}, which no unit file is written from here")
    return unit


def of_section(settings: dict[str, Any]) -> dict[str, list[str]]:
    """The keys of a section; a list is a line for each of its values."""
    return {key: values(value) for key, value in settings.items() if value is not None}


def values(value: Any) -> list[str]:
    """The values of a key, as unit files have them."""
    if isinstance(value, list):
        return [one for inner in value for one in values(inner)]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [str(value)]
