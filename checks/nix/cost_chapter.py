"""The chapter on what the module costs an evaluation, from what `checks/nix/cost` recorded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from lab.real_nix import REPOSITORY

RESULTS = REPOSITORY / "tests" / "experiments" / "evaluation-cost.json"
CHAPTER = REPOSITORY / "nix" / "docs" / "src" / "evaluation-cost.md"
COUNTS = (10, 100, 1000)
WAYS = {"build": "planned at evaluation", "file": "planned by file"}
SECTIONS = {
    "whole system": "A whole NixOS system to its derivation: a small host with ssh and so many containers of `virtualisation.oci-containers`.",
    "options alone": "The module's options and what it sets, with declarations of our own in place of NixOS': what is left is ours.",
}


def figures(one: dict[str, float]) -> str:
    """The cells of an arm."""
    return f"{one['seconds']:.2f} | {one['memory']:.0f}"


def ours(found: dict[str, dict[str, float]], way: str, count: int, measure: str = "seconds") -> float:
    """What is taken beyond the same containers without the module."""
    return found[f"{way} {count}"][measure] - found[f"containers {count}"][measure]


def table(found: dict[str, dict[str, float]]) -> list[str]:
    """Every arm, and what of it is the module's."""
    lines = ["| host | seconds | MiB taken | the module's seconds | each workload, ms | each workload, MiB |"]
    lines += ["| --- | --: | --: | --: | --: | --: |", f"| without the module | {figures(found['without 0'])} | | | |"]
    for arm, words in (("imported", "imported, not enabled"), ("enabled", "enabled, no workload")):
        extra = found[f"{arm} 0"]["seconds"] - found["without 0"]["seconds"]
        lines.append(f"| {words} | {figures(found[f'{arm} 0'])} | {extra:.2f} | | |")
    for count in COUNTS:
        lines.append(f"| {count:,} containers without the module | {figures(found[f'containers {count}'])} | | | |")
        for way, words in WAYS.items():
            extra, memory = (ours(found, way, count, measure) for measure in ("seconds", "memory"))
            cells = f"{extra:.2f} | {extra / count * 1000:.1f} | {memory / count:.2f}"
            lines.append(f"| {count:,} workloads, {words} | {figures(found[f'{way} {count}'])} | {cells} |")
    return lines


def shares(results: dict[str, Any]) -> str:
    """What ten workloads add to a small host: the seconds as they are without the noise of a whole system around them."""
    whole, alone = results["whole system"]["containers 10"], results["options alone"]
    told = [
        f"{words}: {ours(alone, way, 10) / whole['seconds']:.0%} of its seconds, "
        f"{ours(results['whole system'], way, 10, 'memory') / whole['memory']:.0%} of its memory"
        for way, words in WAYS.items()
    ]
    return f"What ten workloads add to the evaluation of the small host, {'; '.join(told)}."


def chapter(results: dict[str, Any]) -> str:
    """The whole page."""
    lines = [
        "<!-- written by `checks/nix/cost --record`; do not edit -->",
        "",
        "# What the module costs an evaluation",
        "",
        f"Medians of {results['rounds']} rounds, the arms in another order each time; seconds of processor, and all memory ever taken (most of it is given back), as Nix {results['nix']} counts them.",
        "Each workload has one container, one volume and a policy. Planning itself is in a derivation and is not counted here: it is built once for a declaration.",
        "",
        "To repeat it: `checks/nix/cost`.",
    ]
    for section, words in SECTIONS.items():
        if section in results:
            lines += ["", f"## {section.capitalize()}", "", words]
            if section == "whole system":
                lines.append(f"NixOS {results['nixos']}, with what it lacks declared by us.")
            lines += ["", *table(results[section])]
    if "whole system" in results:
        lines += ["", f"{shares(results)} Its seconds are those of the options alone: in the whole system they are lost in the spread of the rounds."]
    return "\n".join(lines) + "\n"


def differs() -> list[str]:
    """Whether the chapter is what was recorded."""
    current = CHAPTER.read_text() == chapter(json.loads(RESULTS.read_text()))
    return [] if current else [f"{CHAPTER.relative_to(REPOSITORY)} is not what was recorded: checks/nix/cost --record"]


def checks() -> Iterator[tuple[str, Callable[[], list[str]]]]:
    """One, that needs no Nix."""
    yield "the-chapter-on-cost-is-what-was-recorded", differs
