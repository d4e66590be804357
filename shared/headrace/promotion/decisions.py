"""What people said of versions that waited for them, each version's first word, in a ledger that nobody can rewrite."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from headrace.errors import Exists, NotFound
from headrace.ports import Objects

AWAITING = "awaits approval"
"""The verdict on a version that passed and is promoted as soon as somebody says so."""


class Decision(BaseModel):
    """What somebody said of a version that waited."""

    model_config = ConfigDict(frozen=True)

    workload: str
    version: int
    approved: bool
    actor: str
    reason: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.word} by {self.actor}: {self.reason}"

    @property
    def word(self) -> str:
        """Approved or rejected."""
        return "approved" if self.approved else "rejected"


def history(store: Objects, workload: str) -> list[Decision]:
    """Every word that was said on the workload's versions."""
    return [_read(store, stat.name) for stat in store.list(f"approvals/{workload}/")]


def of(store: Objects, workload: str, version: int) -> Decision | None:
    """What was said of a version, if anything was."""
    try:
        return _read(store, _name(workload, version))
    except NotFound:
        return None


def first(store: Objects, said: Decision) -> Decision:
    """The first word on the version, which is what is `said` now unless somebody spoke before."""
    name = _name(said.workload, said.version)
    try:
        store.create(name, said.model_dump_json().encode())
    except Exists:
        return _read(store, name)
    return said


def _name(workload: str, version: int) -> str:
    return f"approvals/{workload}/{version:06d}.json"


def _read(store: Objects, name: str) -> Decision:
    return Decision.model_validate_json(store.read(name))
