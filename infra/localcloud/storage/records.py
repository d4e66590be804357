"""What the server keeps of a bucket, of an object generation and of stored bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes on disk under `id`: their size in bytes and base64 checksums (a composite object has no MD5)."""

    id: str
    size: int
    crc32c: str
    md5: str | None


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket; `settings` are the fields its users may change. Times are RFC 3339 in UTC."""

    name: str
    project: str
    generation: int
    metageneration: int
    created: str
    updated: str
    settings: Mapping[str, Any]

    @property
    def versioned(self) -> bool:
        """Whether overwritten and deleted objects stay as noncurrent generations."""
        return bool(self.settings.get("versioning", {}).get("enabled"))


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One generation of an object; `deleted` is set on noncurrent ones. `attributes` are the user's own fields."""

    bucket: str
    name: str
    generation: int
    metageneration: int
    blob: Blob
    components: int | None
    created: str
    updated: str
    deleted: str | None
    attributes: Mapping[str, Any]


def timestamp() -> str:
    """Now, as the JSON API writes times: RFC 3339, milliseconds, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
