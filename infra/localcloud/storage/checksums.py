"""Checksums a client supplied in; 400 out when the bytes that arrived have others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.storage.errors import invalid
from localcloud.storage.records import Blob


@dataclass(frozen=True, slots=True)
class Checksums:
    """Base64 checksums to hold the stored bytes against; None is not checked."""

    md5: str | None = None
    crc32c: str | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str], metadata: Mapping[str, Any] | None = None) -> "Checksums":
        """From `x-goog-hash` and `Content-MD5` headers and an object's `md5Hash` and `crc32c` fields."""
        given = dict(part.strip().split("=", 1) for part in headers.get("x-goog-hash", "").split(",") if "=" in part)
        fields = metadata or {}
        return cls(
            md5=fields.get("md5Hash") or given.get("md5") or headers.get("content-md5"),
            crc32c=fields.get("crc32c") or given.get("crc32c"),
        )

    def verify(self, blob: Blob) -> None:
        """Raise 400 when a supplied checksum differs from the computed one."""
        for algorithm, given, computed in (("MD5", self.md5, blob.md5), ("CRC32C", self.crc32c, blob.crc32c)):
            if given is not None and given != computed:
                raise invalid(
                    f'Provided {algorithm} hash "{given}" doesn\'t match calculated {algorithm} hash "{computed}"; '
                    "the bytes changed on the way, upload them again"
                )
