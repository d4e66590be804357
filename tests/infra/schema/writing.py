"""A JSON document in; text that diffs well out: what fits on a line stays on one."""

import json
from typing import Any

WIDTH = 120


def written(document: Any, indent: int = 0) -> str:
    """`document` as JSON, with every object that does not fit on one line opened up."""
    flat = json.dumps(document, ensure_ascii=False)
    if not isinstance(document, dict) or (indent + len(flat) <= WIDTH and not _nests(document)):
        return flat
    pad = " " * (indent + 1)
    lines = [f"{pad}{json.dumps(key)}: {written(value, indent + 1)}" for key, value in document.items()]
    return "{\n" + ",\n".join(lines) + "\n" + " " * indent + "}"


def _nests(document: dict[str, Any]) -> bool:
    return any(isinstance(value, dict) for value in document.values())
