"""Records in; the JSON resources of the Cloud Storage API out (`storage#bucket`, `storage#object`)."""

from base64 import b64encode
from urllib.parse import quote

from localcloud.storage.records import JSON, Bucket, StoredObject


def bucket_resource(bucket: Bucket, base_url: str) -> JSON:
    """The bucket as `buckets.get` shows it."""
    return {
        "kind": "storage#bucket",
        "id": bucket.name,
        "name": bucket.name,
        "selfLink": f"{base_url}/storage/v1/b/{bucket.name}",
        "projectNumber": "0",
        "generation": str(bucket.generation),
        "metageneration": str(bucket.metageneration),
        "timeCreated": bucket.created,
        "updated": bucket.updated,
        "etag": etag(bucket.generation, bucket.metageneration),
        "locationType": "region",
        "softDeletePolicy": {"retentionDurationSeconds": "0"},
        **bucket.settings,
    }


def object_resource(found: StoredObject, base_url: str) -> JSON:
    """The object as `objects.get` shows it; 64-bit numbers are strings."""
    path = f"storage/v1/b/{found.bucket}/o/{quote(found.name, safe='')}"
    resource = {
        "kind": "storage#object",
        "id": f"{found.bucket}/{found.name}/{found.generation}",
        "name": found.name,
        "bucket": found.bucket,
        "selfLink": f"{base_url}/{path}",
        "mediaLink": f"{base_url}/download/{path}?generation={found.generation}&alt=media",
        "generation": str(found.generation),
        "metageneration": str(found.metageneration),
        "size": str(found.blob.size),
        "md5Hash": found.blob.md5,
        "crc32c": found.blob.crc32c,
        "etag": etag(found.generation, found.metageneration),
        "componentCount": found.components,
        "timeCreated": found.created,
        "updated": found.updated,
        "timeStorageClassUpdated": found.created,
        "timeDeleted": found.deleted,
        **found.attributes,
    }
    return {field: value for field, value in resource.items() if value is not None}


def etag(generation: int, metageneration: int) -> str:
    """A tag that changes with the content and with the metadata."""
    return b64encode(f"{generation}/{metageneration}".encode()).decode()
