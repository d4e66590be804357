"""A bucket resource from a client in; the settings the server honours out, and 501 for every other."""

from collections.abc import Mapping
from typing import Any

from localcloud.storage.errors import invalid, unimplemented
from localcloud.storage.records import JSON

_STORAGE_CLASSES = ("STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE")
_READ_ONLY = frozenset(
    {"kind", "id", "name", "selfLink", "projectNumber", "generation", "metageneration", "timeCreated", "updated"}
    | {"etag", "locationType", "owner"}
)
# What these say here is what happens anyway; any other value would change what the service does.
_ONLY: Mapping[str, tuple[object, ...]] = {
    "softDeletePolicy": ({"retentionDurationSeconds": "0"}, {"retentionDurationSeconds": 0}),
    "hierarchicalNamespace": ({"enabled": False},),
    "autoclass": ({"enabled": False},),
    "billing": ({"requesterPays": False}, {}),
    "defaultEventBasedHold": (False,),
    "acl": ([],),
    "defaultObjectAcl": ([],),
    "cors": ([],),
    "lifecycle": ({}, {"rule": []}),
}
_DEFAULTS: JSON = {
    "location": "US",
    "storageClass": "STANDARD",
    "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}, "publicAccessPrevention": "inherited"},
}


def new_settings(resource: Mapping[str, Any]) -> JSON:
    """The settings of a bucket that is created or updated as a whole."""
    return merged_settings(_DEFAULTS, resource)


def merged_settings(before: Mapping[str, Any], resource: Mapping[str, Any]) -> JSON:
    """JSON merge patch of a bucket's settings; null brings a default back."""
    after = dict(before)
    for field, value in resource.items():
        if field in _READ_ONLY or value is None or value in _ONLY.get(field, ()):
            if value is None and field in before:
                after[field] = _DEFAULTS.get(field)
            continue
        after[field] = _SETTINGS.get(field, _refuse(field))(value, before.get(field) or {})
    return {field: value for field, value in after.items() if value is not None}


def _refuse(field: str) -> Any:
    def refuse(value: Any, _: Any) -> Any:
        raise unimplemented(f"bucket field {field!r} ({value!r})")

    return refuse


def _location(value: Any, _: Any) -> str:
    if not isinstance(value, str):
        raise invalid(f"a bucket's location is a text such as 'US', not {value!r}")
    return value.upper()


def _storage_class(value: Any, _: Any) -> str:
    if value not in _STORAGE_CLASSES:
        raise invalid(f"there is no storage class {value!r}; there are {', '.join(_STORAGE_CLASSES)}")
    return str(value)


def _versioning(value: Any, _: Any) -> JSON:
    if not isinstance(value, dict) or not isinstance(value.get("enabled"), bool) or len(value) != 1:
        raise invalid(f'versioning is {{"enabled": true}} or {{"enabled": false}}, not {value!r}')
    return value


def _labels(value: Any, before: JSON) -> JSON | None:
    if not isinstance(value, dict) or not all(isinstance(label, str | None) for label in value.values()):
        raise invalid(f"labels map texts to texts, not {value!r}")
    return {key: label for key, label in {**before, **value}.items() if label is not None} or None


def _iam_configuration(value: Any, before: JSON) -> JSON:
    uniform = {"uniformBucketLevelAccess", "bucketPolicyOnly", "publicAccessPrevention"}
    if not isinstance(value, dict) or value.keys() - uniform:
        raise unimplemented(f"iamConfiguration {value!r}")
    for field in ("uniformBucketLevelAccess", "bucketPolicyOnly"):
        if not value.get(field, {}).get("enabled", True):
            raise unimplemented(f"fine-grained access ({field} disabled): buckets have uniform bucket-level access")
    return {**before, **value}


_SETTINGS = {
    "location": _location,
    "storageClass": _storage_class,
    "versioning": _versioning,
    "labels": _labels,
    "iamConfiguration": _iam_configuration,
}
