"""A finalized object in; the set of files that it completes, if it completes one, out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from headrace.data import datasets
from headrace.data.datasets import File
from headrace.errors import Rejected
from headrace.ports import Objects

MARKER = "_SUCCESS"


@dataclass(frozen=True, slots=True)
class Upload:
    """What somebody dropped: a single file, or a folder that its marker declares complete."""

    workload: str
    folder: str | None

    @classmethod
    def of(cls, name: str, root: str = "") -> "Upload | None":
        """The upload that the object `name` completes; None while a folder still waits for its marker.

        Uploads lie under `root`, and there in the folder of their workload.
        """
        if name.endswith("/"):
            return None  # a folder's placeholder
        workload, *rest = name.removeprefix(root).split("/")
        if not rest or (len(rest) == 1 and rest[0] != MARKER):
            return cls(workload, None)
        if len(rest) > 1 and rest[-1] == MARKER:
            return cls(workload, name.removesuffix(f"/{MARKER}"))
        return None


def files_of(upload: Upload, name: str, bucket: Objects) -> Sequence[File]:
    """The upload's files with their generations. Raises Rejected for an empty folder or a forbidden name."""
    if upload.folder is None:
        return [datasets.as_file(bucket.bucket, bucket.stat(name), PurePosixPath(name).name)]
    prefix = upload.folder + "/"
    found = [stat for stat in bucket.list(prefix) if not stat.name.endswith(("/", "/" + MARKER))]
    if not found:
        raise Rejected(f"{bucket.uri(upload.folder)} holds nothing but {MARKER}; upload the files before the marker")
    return [datasets.as_file(bucket.bucket, stat, stat.name.removeprefix(prefix)) for stat in found]
