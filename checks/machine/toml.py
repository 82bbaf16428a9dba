"""TOML of plain values, as NixOS writes it from settings."""

from __future__ import annotations

import json
from typing import Any


def toml(settings: dict[str, Any], above: tuple[str, ...] = ()) -> str:
    """Tables of tables; a table's own values come first, or they would belong to another."""
    own = {key: value for key, value in settings.items() if not isinstance(value, dict)}
    text = "".join(f"{json.dumps(key)} = {json.dumps(value)}\n" for key, value in own.items())
    if above and own:
        text = f"[{'.'.join(map(json.dumps, above))}]\n{text}"
    return text + "".join(toml(value, (*above, key)) for key, value in settings.items() if isinstance(value, dict))
