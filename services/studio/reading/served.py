"""What the inference service says of one workload in; which version answers and how, in words, out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Served:
    """`version` answers since `since`; there is none before the first champion is loaded.

    `challenger` is a version that is tried beside it. `trouble` says why a version does not load.
    """

    version: int | None
    alias: str
    since: datetime | None
    precision: str
    challenger: int | None
    most_rows: int
    trouble: str

    def named(self, version: int) -> str:
        """What a loaded version is called on a page."""
        known = {self.version: self.alias, self.challenger: "challenger"}.get(version, "")
        return f"version {version}, {known}" if known else f"version {version}"


def served(state: Mapping[str, Any]) -> Served:
    """As `GET /models` says it."""
    failure, trial = state.get("last_failure"), state.get("challenger") or {}
    since = state.get("loaded_at")
    return Served(
        version=state.get("version"),
        alias=str(state.get("alias") or "pinned"),
        since=datetime.fromisoformat(since) if since else None,
        precision=str(state.get("precision") or ""),
        challenger=trial.get("version"),
        most_rows=int(state.get("max_rows") or 1),
        trouble=f"version {failure['version']} does not load: {failure['reason']}" if failure else "",
    )
