"""The results as a chapter of the book: ratios of one round, their median and their range."""

from __future__ import annotations

from statistics import median
from typing import Any

BASES = {"ext4": "btrfs", "planned": "btrfs", "planned, snapshots": "btrfs, snapshots"}
# Between these two a difference is within what rounds differ among themselves here.
BETTER, WORSE = 1.15, 0.87
MEASURES = {"writes": "writes", "reads": "cold reads", "used": "space used"}


def ratios(arms: dict[str, Any], arm: str, base: str, measure: str) -> list[float]:
    """An arm against another, round by round."""
    pairs = zip(arms[arm][measure], arms[base][measure], strict=True)
    return [ours / theirs for ours, theirs in pairs]


def shown(values: list[float]) -> str:
    """Median and range."""
    return f"{median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def verdicts(arms: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Where the planned attributes gain, and where they cost: only where all rounds agree."""
    gains, prices = [], []
    for arm, base in BASES.items():
        if arm == "ext4":
            continue
        for measure, word in MEASURES.items():
            found = ratios(arms, arm, base, measure)
            if measure == "used":
                found = [1 / value for value in found]
            text = f"{word} {'with' if arm.endswith('snapshots') else 'without'} snapshots"
            if median(found) >= BETTER and min(found) > 1:
                gains.append(f"{text} × {median(found):.2f}" if measure != "used" else f"{text} ÷ {median(found):.2f}")
            elif median(found) <= WORSE and max(found) < 1:
                prices.append(f"{text} × {median(found):.2f}" if measure != "used" else f"{text} × {1 / median(found):.2f}")
    return gains, prices


def attributes(planned: dict[str, Any]) -> str:
    """What the plan gave, in words."""
    words = ["copy on write" if planned["copy_on_write"] else "nodatacow"]
    words.append(f"compression {planned['compression']}" if planned["compression"] else "compression of the mount")
    return ", ".join(words)


def chapter(name: str, experiment: dict[str, Any]) -> list[str]:
    """One experiment."""
    arms = experiment["arms"]
    lines = [f"## {name}", "", experiment["claim"], ""]
    alone, under = arms["planned"]["attributes"], arms["planned, snapshots"]["attributes"]
    lines += [f"Planned: {attributes(alone)}; with snapshots: {attributes(under)}.", ""]
    lines += [
        f"| | writes, {experiment['writes']} | × | cold reads, {experiment['reads']} | × | MiB used | × | extents |",
        "| --- | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for arm, found in arms.items():
        base = BASES.get(arm)
        cells = []
        for measure in MEASURES:
            cells.append(f"{median(found[measure]):,.0f}")
            cells.append(shown(ratios(arms, arm, base, measure)) if base else "")
        extents = f"{median(found['extents']):,.0f}" if arm != "ext4" else ""
        lines.append(f"| {arm} | {' | '.join(cells)} | {extents} |")
    gains, prices = verdicts(arms)
    lines += ["", f"Gain: {', '.join(gains) or 'none beyond the spread'}. Price: {', '.join(prices) or 'none beyond the spread'}.", ""]
    return lines


def report(results: dict[str, Any]) -> str:
    """The whole chapter."""
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    lines = [
        "<!-- written by `checks/experiments/run --record`; do not edit -->",
        "",
        "# Experiments",
        "",
        "What the planned attributes gain and cost, for the main classes: against Btrfs as `mkfs.btrfs` and `mount` make it, and ext4 on",
        "the same device; with a snapshot before each of three phases of work, and without. The attributes are what the helper plans",
        "for such a volume on one SSD, with an hourly policy or none; discarding is left out, as the device is an image file.",
        "",
        f"{results['rounds']} rounds, the arms in another order each time; the figures are medians, × is the ratio to the Btrfs arm of the same",
        "round (ext4 and *planned* to *btrfs*, *planned, snapshots* to *btrfs, snapshots*) with its range. Compare within a row of × only:",
        f"the device is slow in its own way ({results['device']}). {versions}.",
        "",
        "To repeat it: `checks/experiments/run`, half an hour.",
        "",
    ]
    for name, experiment in results["experiments"].items():
        lines += chapter(name, experiment)
    return "\n".join(lines)
