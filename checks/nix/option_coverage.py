"""The module's options against the helper's JSON Schema: what only one of the two has."""

from __future__ import annotations

import re
from typing import Any

PREFIX = "services.podmanBtrfs."

RECEIVER = "the receiving side, which stands alone and is not planned"

# Each with its reason; an entry that is no longer needed is reported too.
ONLY_IN_NIX = {
    "package": "the program on the host",
    "planner": "the program that plans",
    "plan": "an output",
    "mounts": "an output",
    "containerVolumes": "an output",
    "volumes": "an output",
    "volumes.*.*.hostPath": "an output",
    "volumes.*.*.instances": "an output",
    "volumes.*.*.filesystem": "an output",
    "volumes.*.*.subvolume": "an output",
    "units": "an output",
    "units.*.containers": "an output",
    "units.*.snapshot": "an output",
    "mountPoints": "an output",
    "otherMountPoints": "compares entries of fileSystems, which the plan cannot read",
    "monitoring": "what the module does with the plan",
    "monitoring.enable": "what the module does with the plan",
    "monitoring.interval": "what the module does with the plan",
    "monitoring.textfileDirectory": "what the module does with the plan",
    "monitoring.nodeExporter": "what the module does with the plan",
    "monitoring.prometheusRules": "what the module does with the plan",
    "monitoring.rulesFile": "an output",
    "monitoring.dashboardFile": "an output",
    "drill": "what the module does with the plan",
    "drill.enable": "what the module does with the plan",
    "drill.calendar": "what the module does with the plan",
    "drill.gnupgHome": "what the module does with the plan",
    "drill.fromTargets": "what the module does with the plan",
    "update": "what the module does with the plan",
    "update.enable": "what the module does with the plan",
    "update.calendar": "what the module does with the plan",
    "update.healthWindow": "what the module does with the plan",
    "workloads.*.injectVolumes": "what the module does with the plan",
    "ephemeralRoot.keep": "a unit of the initial ram disk, which the plan has no part in",
    "receiver.enable": RECEIVER,
    "receiver.path": RECEIVER,
    "receiver.user": RECEIVER,
    "receiver.sources": RECEIVER,
    "receiver.sources.*.publicKey": RECEIVER,
    "receiver.sources.*.path": RECEIVER,
    "receiver.sources.*.from": RECEIVER,
    "receiver.sources.*.appendOnly": RECEIVER,
    "receiver.sources.*.mayRead": RECEIVER,
    "receiver.sources.*.encrypted": RECEIVER,
}
ONLY_IN_SCHEMA = {"schemaVersion": "the module sends the one it was made for"}


def schema_names(schema: dict[str, Any]) -> set[str]:
    """Every path of the schema, with `*` for a name that the user chooses."""
    names: set[str] = set()

    def resolve(node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            node = schema["$defs"][node["$ref"].removeprefix("#/$defs/")]
        for choice in node.get("anyOf", []):
            if choice.get("type") != "null":
                return resolve(choice)
        return node

    def visit(node: dict[str, Any], path: str) -> None:
        node = resolve(node)
        for name, inner in node.get("properties", {}).items():
            names.add(path + name)
            visit(inner, f"{path}{name}.")
        chosen = [node.get("additionalProperties"), *node.get("patternProperties", {}).values()]
        for inner in chosen:
            if isinstance(inner, dict):
                visit(inner, f"{path}*.")

    visit(schema, "")
    return names


def option_names(options: list[str]) -> set[str]:
    """The documented options' paths, in the same form."""
    return {re.sub(r"<[^>]+>", "*", name.removeprefix(PREFIX)) for name in options}


def differences(options: list[str], schema: dict[str, Any]) -> list[str]:
    """One sentence for each name that one side lacks, and for each exception that has lost its cause."""
    nix, rust = option_names(options), schema_names(schema)
    found = [f"`{name}` is an option and not in the schema" for name in sorted(nix - rust - ONLY_IN_NIX.keys())]
    found += [f"`{name}` is in the schema and no option" for name in sorted(rust - nix - ONLY_IN_SCHEMA.keys())]
    stale = [name for name in ONLY_IN_NIX if name not in nix or name in rust]
    stale += [name for name in ONLY_IN_SCHEMA if name not in rust or name in nix]
    return found + [f"`{name}` is an exception without need in option_coverage.py" for name in sorted(stale)]
