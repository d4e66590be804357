"""An object resource from a client in; the fields a client may set out, and 501 for those that would be ignored."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from localcloud.storage.errors import invalid, unimplemented
from localcloud.storage.records import JSON

_TEXT = ("contentType", "contentEncoding", "contentDisposition", "contentLanguage", "cacheControl", "storageClass")
_STORAGE_CLASSES = ("STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE")
# The service owns these: clients send them back when they update a whole resource.
_READ_ONLY = frozenset(
    {"bucket", "componentCount", "crc32c", "etag", "generation", "id", "kind", "md5Hash", "mediaLink"}
    | {"metageneration", "name", "owner", "selfLink", "size", "timeCreated", "timeDeleted", "timeStorageClassUpdated"}
    | {"updated"}
)


def object_attributes(resource: Mapping[str, Any]) -> JSON:
    """The client's own fields, checked; a field set to null is kept as None."""
    return {field: _checked(field, value) for field, value in resource.items() if field not in _READ_ONLY}


def replaced(resource: Mapping[str, Any]) -> JSON:
    """The attributes of an object that is written or updated as a whole."""
    return merged({}, object_attributes(resource))


def merged(before: Mapping[str, Any], changes: Mapping[str, Any]) -> JSON:
    """JSON merge patch, one level into `metadata`; a custom time never goes away or back."""
    after = {**before, **changes}
    if isinstance(changes.get("metadata"), dict):
        pairs = {**(before.get("metadata") or {}), **changes["metadata"]}
        after["metadata"] = {key: value for key, value in pairs.items() if value is not None} or None
    if "customTime" in before and "customTime" in changes:
        _keep_custom_time(before["customTime"], changes["customTime"])
    return {field: value for field, value in after.items() if value is not None}


def _checked(field: str, value: Any) -> Any:
    if value is None:
        return None
    if field in _TEXT and isinstance(value, str):
        return _storage_class(value) if field == "storageClass" else value
    if field == "metadata" and isinstance(value, dict) and all(isinstance(v, str | None) for v in value.values()):
        return value
    if field == "customTime" and isinstance(value, str):
        _moment(value)
        return value
    if field in _TEXT or field in {"metadata", "customTime"}:
        raise invalid(f"the object field {field} cannot be {value!r}")
    if value in (False, []):
        return None
    raise unimplemented(f"object field {field!r} ({value!r})")


def _storage_class(value: str) -> str:
    if value not in _STORAGE_CLASSES:
        raise invalid(f"there is no storage class {value!r}; there are {', '.join(_STORAGE_CLASSES)}")
    return value


def _keep_custom_time(before: str, after: str | None) -> None:
    if after is None or _moment(after) < _moment(before):
        raise invalid(f"customTime is {before} and cannot be removed or set to an earlier time ({after})")


def _moment(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise invalid(f"customTime {value!r} is not an RFC 3339 time") from None
    if moment.tzinfo is None:
        raise invalid(f"customTime {value!r} has no time zone; end it with Z")
    return moment
