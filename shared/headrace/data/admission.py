"""The files of an upload in; nothing out, or Rejected when they may not become a dataset version."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from headrace import catalogue, loading
from headrace.catalogue import Data
from headrace.data.datasets import File
from headrace.errors import Rejected
from headrace.ports import Objects

PEEK = 1 << 20
GIB = 1 << 30


class Sized(Protocol):
    """A file that is uploaded, or is to be."""

    @property
    def name(self) -> str:
        """Within the dataset."""

    @property
    def size(self) -> int:
        """In bytes."""


def admit(workload: str, files: Sequence[File], buckets: Iterable[Objects]) -> None:
    """Look at names, sizes and first bytes. Raises Rejected with what is wrong and what to do."""
    check(files, catalogue.describe(workload).data)
    by_name = {bucket.bucket: bucket for bucket in buckets}
    for file in files:
        peek(workload, file.name, by_name[file.bucket].read(file.object, limit=PEEK))


def peek(workload: str, name: str, head: bytes) -> None:
    """Let the workload look at the first bytes of a file. Raises Rejected."""
    with loading.user_code(workload, f"looking at {name}"):
        loading.intake(workload).peek(name, head)


def check(files: Sequence[Sized], allowed: Data) -> None:
    """Raises Rejected for a file that the workload cannot read, or for more bytes than it takes."""
    for file in files:
        if not file.name.lower().endswith(allowed.endings):
            raise Rejected(f"{file.name} is not one of {', '.join(allowed.endings)}; remove it or rename it")
    size = sum(file.size for file in files)
    if size > allowed.max_gib * GIB:
        raise Rejected(f"{size / GIB:.1f} GiB is more than the {allowed.max_gib:g} GiB this workload takes; split it")
    if size == 0:
        raise Rejected("there is not a byte in it; upload the data again")
