"""Bucket and object names in; the same names out when Cloud Storage would accept them."""

import ipaddress
import re
from urllib.parse import unquote_to_bytes

from localcloud.storage.errors import invalid

_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]*[a-z0-9]")
_COMPONENT_LENGTH = 63
_MAX_DOTTED_LENGTH = 222
_MAX_OBJECT_BYTES = 1024
_RESERVED_PREFIX = ".well-known/acme-challenge/"


def bucket_name(name: object) -> str:
    """The name, when it keeps the rules for new buckets; 400 otherwise."""
    if not isinstance(name, str) or not _BUCKET.fullmatch(name) or not _lengths_allowed(name):
        raise invalid(
            f"Invalid bucket name: {name!r}; use 3 to 63 of a-z, 0-9, '-', '_' and '.', "
            "with a letter or a digit at both ends"
        )
    if name.startswith("goog") or "google" in name or ".." in name or _is_address(name):
        raise invalid(f"Invalid bucket name: {name!r}; it must not look like an IP address or contain 'google'")
    return name


def object_name(name: object) -> str:
    """The name, when an object may have it; 400 otherwise."""
    if not isinstance(name, str) or not name:
        raise invalid("Required object name is missing; give it as the 'name' parameter or in the metadata")
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        raise invalid(f"the object name {name!r} is not valid Unicode") from None
    if length > _MAX_OBJECT_BYTES:
        raise invalid(f"the object name is {length} bytes long in UTF-8; the limit is {_MAX_OBJECT_BYTES}")
    if name in {".", ".."} or "\r" in name or "\n" in name or name.startswith(_RESERVED_PREFIX):
        raise invalid(
            f"{name!r} cannot be an object name; rename it without line breaks, '.', '..' or {_RESERVED_PREFIX}"
        )
    return name


def decoded(segment: str) -> str:
    """One percent-encoded path segment as text."""
    try:
        return unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        raise invalid(
            f"the path segment {segment!r} is not UTF-8; percent-encode the UTF-8 bytes of the name"
        ) from None


def _lengths_allowed(name: str) -> bool:
    if "." not in name:
        return 3 <= len(name) <= _COMPONENT_LENGTH
    return 3 <= len(name) <= _MAX_DOTTED_LENGTH and all(len(part) <= _COMPONENT_LENGTH for part in name.split("."))


def _is_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True
