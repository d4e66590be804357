"""A version that was judged in; its number among the workload's releases, by what changed since the last, out.

Major where clients may have to change what they send: the fields of an instance are others. Minor where the model is of
other data or another candidate. Patch where the same was trained again.
"""

import json
from collections.abc import Sequence
from hashlib import sha256

from pydantic import BaseModel, ConfigDict

from headrace.errors import Busy, Exists
from headrace.ports import Objects, Version
from headrace.workload import Field

SEMVER = "headrace.semver"


class Release(BaseModel):
    """A model version under its semantic version, with what that follows from."""

    model_config = ConfigDict(frozen=True)

    workload: str
    version: int
    major: int
    minor: int
    patch: int
    fields: str
    dataset: str
    candidate: str

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def release(store: Objects, version: Version, fields: Sequence[Field]) -> str:
    """The version's number; the same when it is asked for again. Raises Busy when another was given one just now."""
    if SEMVER in version.tags:
        return version.tags[SEMVER]
    names = [stat.name for stat in store.list(f"releases/{version.workload}/")]
    last = Release.model_validate_json(store.read(names[-1])) if names else None
    if last and last.version == version.number:
        return str(last)
    made = _after(last, version, digest(fields))
    try:
        store.create(f"releases/{version.workload}/{len(names) + 1:06d}.json", made.model_dump_json().encode())
    except Exists:
        raise Busy(f"another version of {version.workload} was given a number just now") from None
    return str(made)


def digest(fields: Sequence[Field]) -> str:
    """The same for instances of the same fields, whatever values the data happened to have."""
    said = sorted((field.name, field.kind, field.required) for field in fields)
    return sha256(json.dumps(said).encode()).hexdigest()[:12]


def _after(last: Release | None, version: Version, fields: str) -> Release:
    dataset, candidate = version.tags.get("headrace.dataset", ""), version.tags.get("headrace.candidate", "")
    if last is None or last.fields != fields:
        major, minor, patch = (last.major if last else 0) + 1, 0, 0
    elif (last.dataset, last.candidate) != (dataset, candidate):
        major, minor, patch = last.major, last.minor + 1, 0
    else:
        major, minor, patch = last.major, last.minor, last.patch + 1
    return Release(
        workload=version.workload,
        version=version.number,
        major=major,
        minor=minor,
        patch=patch,
        fields=fields,
        dataset=dataset,
        candidate=candidate,
    )
