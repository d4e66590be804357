"""Uploaded objects in; an immutable dataset version, addressed by its content, and its frozen test set, out."""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from headrace.data import rotations
from headrace.errors import Exists, NotFound, Rejected, WorkloadFailed
from headrace.ports import Objects, Stat

FORBIDDEN = {"", ".", ".."}


class File(BaseModel):
    """One file of a dataset version: its name within the set, and the object generation that holds its content."""

    model_config = ConfigDict(frozen=True)

    name: str
    bucket: str
    object: str
    generation: int
    size: int
    crc32c: str
    md5: str | None = None

    @property
    def content(self) -> str:
        """The same for the same bytes, wherever they lie."""
        return f"{self.size}:{self.md5 or self.crc32c}"


class Manifest(BaseModel):
    """What a dataset version consists of, and where it came from."""

    model_config = ConfigDict(frozen=True)

    workload: str
    dataset: str
    source: str
    files: tuple[File, ...]


def manifest_name(workload: str, dataset: str) -> str:
    """Where the manifest of a dataset version lies in the store."""
    return f"datasets/{workload}/{dataset}/manifest.json"


def version_of(files: Sequence[File]) -> str:
    """The dataset version: a digest of content. Names count only where there are several, as class folders do."""
    if len(files) == 1:
        return sha256(files[0].content.encode()).hexdigest()[:16]
    lines = sorted(f"{file.name}\n{file.content}" for file in files)
    return sha256("\n\n".join(lines).encode()).hexdigest()[:16]


def as_file(bucket: str, stat: Stat, name: str) -> File:
    """One object as a file called `name` in a dataset. Raises Rejected for a name that could leave its folder."""
    if FORBIDDEN & set(name.split("/")) or "\\" in name or not name.isprintable():
        raise Rejected(f"the file name {name!r} is not allowed; use letters, digits and single slashes")
    return File(
        name=name,
        bucket=bucket,
        object=stat.name,
        generation=stat.generation,
        size=stat.size,
        crc32c=stat.crc32c,
        md5=stat.md5,
    )


def publish(store: Objects, manifest: Manifest) -> bool:
    """Write the manifest once; False when this content is a dataset version already."""
    try:
        store.create(manifest_name(manifest.workload, manifest.dataset), manifest.model_dump_json(indent=1).encode())
    except Exists:
        return False
    return True


def load(store: Objects, workload: str, dataset: str) -> Manifest:
    """The manifest of a dataset version. Raises Rejected when there is none."""
    try:
        return Manifest.model_validate_json(store.read(manifest_name(workload, dataset)))
    except NotFound:
        raise Rejected(f"{workload} has no dataset version {dataset!r}; `headrace status` lists those it has") from None


def with_file(manifest: Manifest, file: File, source: str) -> Manifest:
    """The dataset version that adds `file` to another."""
    files = (*manifest.files, file)
    return Manifest(workload=manifest.workload, dataset=version_of(files), source=source, files=files)


def freeze(store: Objects, workload: str, dataset: str, folder: Path) -> str:
    """Keep the files in `folder` as the test set of a dataset version, once and for all, and return their digest.

    Raises WorkloadFailed when a different test set was frozen before, and not put aside: the workload's split is not
    deterministic, or was changed.
    """
    place = rotations.place(store, workload, dataset)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    digests = {path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest() for path in paths}
    digest = sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()[:16]
    for path in paths:
        store.upload(f"testsets/{workload}/{digest}/{path.relative_to(folder).as_posix()}", path)
    try:
        store.create(place, json.dumps({"digest": digest, "files": digests}).encode())
    except Exists:
        frozen = json.loads(store.read(place))["digest"]
        if frozen != digest:
            raise WorkloadFailed(
                f"the split of {workload} {dataset} gave {digest}, but {frozen} was frozen; where the split has "
                f"changed on purpose, `headrace rotate-testset {workload}` puts that aside"
            ) from None
    return digest


def thaw(store: Objects, workload: str, dataset: str, folder: Path) -> str:
    """Fetch the frozen test set of a dataset version into `folder`, every file checked against its digest."""
    try:
        frozen = json.loads(store.read(rotations.place(store, workload, dataset)))
    except NotFound:
        raise Rejected(f"no test set was frozen for {workload} {dataset}; run `headrace retrain`") from None
    for name, digest in frozen["files"].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        store.download(f"testsets/{workload}/{frozen['digest']}/{name}", path)
        if sha256(path.read_bytes()).hexdigest() != digest:
            raise Rejected(f"the test set of {workload} {dataset} was changed: {name} is not what was frozen")
    return str(frozen["digest"])
