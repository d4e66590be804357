"""Where a batch lies in the store, and what is written there, typed."""

from datetime import datetime
from hashlib import sha256
from math import ceil
from typing import Literal

from pydantic import BaseModel, ConfigDict

from headrace.data.datasets import File
from headrace.errors import Exists, NotFound, Rejected
from headrace.ports import Objects

Form = Literal["csv", "parquet", "text", "images"]
TASK_BYTES, MOST_TASKS, PACKED = 128 << 20, 20, 4
"""What a task is started for, how many there are at most, and how much larger a packed file is when it is unpacked."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)


class Plan(_Kept):
    """What is to be scored, and by which version."""

    workload: str
    batch: str
    version: int
    source: str
    asked: datetime
    traceparent: str
    form: Form
    files: tuple[File, ...]

    @property
    def tasks(self) -> int:
        """As many as the size asks for."""
        size = sum(file.size * (PACKED if file.name.endswith((".gz", ".parquet")) else 1) for file in self.files)
        return min(MOST_TASKS, ceil(size / TASK_BYTES) or 1)


class Asked(_Kept):
    """What came of one upload: its batch, or the reason why there is none."""

    batch: str = ""
    reason: str = ""


class Output(_Kept):
    """An object that a batch wrote, with its checksum."""

    name: str
    size: int
    crc32c: str
    rows: int = 0


class Manifest(_Kept):
    """What came of a batch: `rows` were answered in `outputs`, or `rejected` with the reasons in `rejects`."""

    workload: str
    batch: str
    version: int
    source: str
    asked: datetime
    files: tuple[str, ...]
    rows: int
    rejected: int
    unused: tuple[str, ...]
    """Columns of the input that the model does not ask for."""
    outputs: tuple[Output, ...]
    rejects: tuple[Output, ...]
    images: tuple[Output, ...]


class Latest(_Kept):
    """The newest upload of a workload that is scored."""

    batch: str
    asked: datetime
    manifest: str


def folder(workload: str, batch: str) -> str:
    """Where a batch lies in the store."""
    return f"batches/{workload}/{batch}"


def manifest_name(workload: str, batch: str) -> str:
    """The object that is there once every row is scored."""
    return f"{folder(workload, batch)}/manifest.json"


def latest_name(workload: str) -> str:
    """The object that says which batch is the newest."""
    return f"batches/{workload}/latest.json"


def rejection_name(workload: str, batch: str) -> str:
    """The object that is there when a batch cannot be scored."""
    return f"{folder(workload, batch)}/rejected.txt"


def asked_name(workload: str, source: str) -> str:
    """The object that says what came of an upload; `source` is its last object with its generation."""
    return f"batches/{workload}/asked/{sha256(source.encode()).hexdigest()[:32]}.json"


def load(store: Objects, workload: str, batch: str) -> Plan:
    """The plan of a batch. Raises Rejected when there is none."""
    try:
        return Plan.model_validate_json(store.read(f"{folder(workload, batch)}/plan.json"))
    except NotFound:
        raise Rejected(f"{workload} has no batch {batch!r}; drop its input again") from None


def read(store: Objects, name: str) -> bytes | None:
    """The object, or None while there is none."""
    try:
        return store.read(name)
    except NotFound:
        return None


def create(store: Objects, name: str, what: BaseModel) -> bool:
    """Write it once; False when it is there."""
    try:
        store.create(name, what.model_dump_json(indent=1).encode())
    except Exists:
        return False
    return True
