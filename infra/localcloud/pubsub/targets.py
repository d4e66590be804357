"""A subscription's push or Cloud Storage configuration in; where its messages go, checked, out."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from google.pubsub_v1.types import CloudStorageConfig, PushConfig

from localcloud.pubsub.identity import Identity
from localcloud.pubsub.refusals import invalid, refuse_other_fields, unimplemented

_PUSH_FIELDS = ("push_endpoint", "attributes", "oidc_token", "pubsub_wrapper", "no_wrapper")
_STORAGE_FIELDS = (
    *("bucket", "filename_prefix", "filename_suffix", "filename_datetime_format"),
    *("text_config", "max_duration", "max_bytes", "max_messages", "state"),
)
_MEBIBYTE = 1 << 20
MAX_OBJECT_BYTES = 16 * _MEBIBYTE
"""A batch is held in memory, so no object is made larger than this, whatever `max_bytes` allows."""


@dataclass(frozen=True, slots=True)
class PushTarget:
    """An HTTP endpoint and how messages are written for it."""

    endpoint: str
    wrapped: bool
    write_metadata: bool
    identity: Identity | None


@dataclass(frozen=True, slots=True)
class StorageTarget:
    """A bucket, how its objects are named, and when one is full: after `max_duration` seconds at the latest."""

    bucket: str
    prefix: str
    suffix: str
    datetime_format: str
    max_duration: float
    max_bytes: int
    max_messages: int


def push_target(config: PushConfig) -> PushTarget:
    """Where a push configuration with an endpoint pushes to."""
    refuse_other_fields(config, _PUSH_FIELDS, "push_config")
    for name, value in config.attributes.items():
        if (name, value) != ("x-goog-version", "v1"):
            raise unimplemented(f"push_config.attributes {name}={value}")
    if not _is_http_url(config.push_endpoint):
        raise invalid(f"Invalid push endpoint given (endpoint={config.push_endpoint}): expected an http:// URL.")
    return PushTarget(
        endpoint=config.push_endpoint,
        wrapped="no_wrapper" not in config,
        write_metadata=config.no_wrapper.write_metadata,
        identity=_identity(config),
    )


def _is_http_url(endpoint: str) -> bool:
    if not re.fullmatch(r"https?://[!-~]+", endpoint):
        return False
    try:
        url = urlsplit(endpoint)
        return bool(url.hostname and url.hostname.encode("idna")) and url.port != 0
    except ValueError:
        return False


def _identity(config: PushConfig) -> Identity | None:
    if "oidc_token" not in config:
        return None
    if not config.oidc_token.service_account_email:
        raise invalid("push_config.oidc_token has no service_account_email; name the account to push as.")
    return Identity(config.oidc_token.service_account_email, config.oidc_token.audience or config.push_endpoint)


def storage_target(config: CloudStorageConfig) -> StorageTarget:
    """Where a Cloud Storage configuration writes to. Durations down to 1 s are allowed; the service asks for 60."""
    refuse_other_fields(config, _STORAGE_FIELDS, "cloud_storage_config")
    if not config.bucket or "/" in config.bucket:
        raise invalid(f"cloud_storage_config.bucket is {config.bucket!r}; give a bucket's name without gs://.")
    if config.filename_suffix.endswith("/"):
        raise invalid(f"cloud_storage_config.filename_suffix is {config.filename_suffix!r}; it must not end in /.")
    max_duration = config.max_duration.total_seconds() if "max_duration" in config else 300.0
    _check_range("max_duration", max_duration, 1, 600)
    if config.max_bytes:
        _check_range("max_bytes", config.max_bytes, 1000, 10 << 30)
    if config.max_messages:
        _check_range("max_messages", config.max_messages, 1000, 1 << 62)
    return StorageTarget(
        bucket=config.bucket,
        prefix=config.filename_prefix,
        suffix=config.filename_suffix,
        datetime_format=config.filename_datetime_format or "YYYY-MM-DDThh:mm:ss+00:00",
        max_duration=max_duration,
        max_bytes=min(config.max_bytes or MAX_OBJECT_BYTES, MAX_OBJECT_BYTES),
        max_messages=config.max_messages or 1 << 62,
    )


def _check_range(field: str, value: float, least: int, most: int) -> None:
    if not least <= value <= most:
        raise invalid(f"cloud_storage_config.{field} is {value:g}; choose from {least} to {most}.")
