"""The files of a folder in; the listing that DVC keeps of it, to the byte, and its hash out; and back."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import md5

from headrace.errors import Rejected

DIR = ".dir"
"""How the hash of a folder ends."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a folder: its path there, with slashes, and the MD5 of its content in hexadecimal."""

    name: str
    hash: str


def listing_of(entries: Iterable[Entry]) -> bytes:
    """What DVC writes for a folder."""
    ordered = sorted(entries, key=lambda entry: entry.name)
    return json.dumps([{"md5": entry.hash, "relpath": entry.name} for entry in ordered]).encode()


def hash_of(listing: bytes) -> str:
    """The hash under which DVC knows the folder."""
    return md5(listing, usedforsecurity=False).hexdigest() + DIR


def entries_of(listing: bytes, hash: str) -> list[Entry]:
    """The files of the folder `hash`. Raises Rejected when this is not its listing."""
    if hash_of(listing) != hash:
        raise Rejected(f"what lies under the hash {hash} is something else; delete it and `dvc push` again")
    return [Entry(each["relpath"], each["md5"]) for each in json.loads(listing)]
