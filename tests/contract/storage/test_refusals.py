"""What the local server does not do, it refuses by name."""

import subprocess
import sys
from typing import Any

import pytest

PARAMETERS_AND_PATHS = [
    ("GET", "b/{bucket}/iam", "/iam"),
    ("GET", "b/{bucket}/acl", "/acl"),
    ("GET", "b/{bucket}/o/a/acl", "/o/a/acl"),
    ("GET", "b/{bucket}/notificationConfigs", "notificationConfigs"),
    ("POST", "b/{bucket}/notificationConfigs", "notificationConfigs"),
    ("POST", "b/{bucket}/o/a/restore?generation=1", "restore"),
    ("GET", "projects/local-proj/serviceAccount", "serviceAccount"),
    ("POST", "b/{bucket}/lockRetentionPolicy", "lockRetentionPolicy"),
    ("GET", "b/{bucket}/o?filter=contexts", "filter"),
    ("GET", "b/{bucket}/o?softDeleted=true", "softDeleted"),
    ("GET", "b/{bucket}/o?unheardOf=1", "unheardOf"),
    ("GET", "b/{bucket}?softDeleted=true", "softDeleted"),
    ("DELETE", "b/{bucket}/o/a?unheardOf=1", "unheardOf"),
    ("POST", "b?project=p&predefinedAcl=publicRead", "predefinedAcl"),
    ("POST", "b?project=p&enableObjectRetention=true", "enableObjectRetention"),
]
BUCKET_FIELDS: list[tuple[str, Any]] = [
    ("lifecycle", {"rule": [{"action": {"type": "Delete"}}]}),
    ("retentionPolicy", {"retentionPeriod": "10"}),
    ("hierarchicalNamespace", {"enabled": True}),
    ("encryption", {"defaultKmsKeyName": "k"}),
    ("defaultEventBasedHold", True),
    ("autoclass", {"enabled": True}),
    ("uniformBucketLevelAccess", None),
    ("unheardOf", 1),
]
OBJECT_FIELDS: list[tuple[str, Any]] = [
    ("temporaryHold", True),
    ("eventBasedHold", True),
    ("retention", {"mode": "Locked"}),
    ("acl", [{"entity": "allUsers", "role": "READER"}]),
    ("unheardOf", 1),
]


@pytest.mark.parametrize(("method", "path", "name"), PARAMETERS_AND_PATHS)
def test_paths_and_parameters_are_refused_by_name(
    storage: Any, http: Any, bucket: Any, method: str, path: str, name: str
) -> None:
    bucket.blob("a").upload_from_string(b"x")
    body = {"name": "refused-bucket"} if path.startswith("b?") else None
    answer = http.request(method, f"{storage.url}/storage/v1/{path.format(bucket=bucket.name)}", json=body)
    assert (answer.status_code, name in answer.json()["error"]["message"]) == (501, True)
    assert bucket.blob("a").exists()
    assert http.get(f"{storage.url}/storage/v1/b/refused-bucket").status_code == 404


@pytest.mark.parametrize(("field", "value"), BUCKET_FIELDS)
def test_bucket_fields_are_refused_by_name(storage: Any, http: Any, bucket: Any, field: str, value: Any) -> None:
    fields = {field: value} if value else {"iamConfiguration": {field: {"enabled": False}}}
    refused = {
        "insert": http.post(f"{storage.url}/storage/v1/b?project=p", json={"name": "refused-bucket", **fields}),
        "patch": http.patch(f"{storage.url}/storage/v1/b/{bucket.name}", json=fields),
    }
    assert {name: answer.status_code for name, answer in refused.items()} == {"insert": 501, "patch": 501}
    assert all(field in answer.json()["error"]["message"] for answer in refused.values())
    assert http.get(f"{storage.url}/storage/v1/b/refused-bucket").status_code == 404


@pytest.mark.parametrize(("field", "value"), OBJECT_FIELDS)
def test_object_fields_are_refused_by_name(storage: Any, http: Any, bucket: Any, field: str, value: Any) -> None:
    bucket.blob("a").upload_from_string(b"x")
    answer = http.patch(f"{storage.url}/storage/v1/b/{bucket.name}/o/a", json={field: value})
    assert (answer.status_code, field in answer.json()["error"]["message"]) == (501, True)
    assert bucket.get_blob("a").metageneration == 1


@pytest.mark.parametrize(
    "header",
    ["x-goog-encryption-algorithm", "x-goog-copy-source-encryption-key", "x-goog-acl", "x-goog-if-generation-match"],
)
def test_headers_that_would_be_ignored_are_refused(storage: Any, http: Any, bucket: Any, header: str) -> None:
    url = f"{storage.url}/upload/storage/v1/b/{bucket.name}/o?uploadType=media&name=a"
    answer = http.post(url, data=b"x", headers={header: "1"})
    assert (answer.status_code, header in answer.json()["error"]["message"]) == (501, True)
    assert not bucket.blob("a").exists()


def test_the_xml_api_is_refused(storage: Any, http: Any, bucket: Any) -> None:
    answer = http.get(f"{storage.url}/{bucket.name}/object")
    assert (answer.status_code, f"/{bucket.name}/object" in answer.json()["error"]["message"]) == (501, True)


def test_uploads_with_a_customer_managed_key_are_refused(storage: Any, http: Any, bucket: Any) -> None:
    url = f"{storage.url}/upload/storage/v1/b/{bucket.name}/o?uploadType=media&name=a&kmsKeyName=k"
    assert "kmsKeyName" in http.post(url, data=b"x").json()["error"]["message"]


def test_several_ranges_at_once_are_refused(storage: Any, http: Any, bucket: Any) -> None:
    bucket.blob("a").upload_from_string(b"0123456789")
    url = f"{storage.url}/storage/v1/b/{bucket.name}/o/a?alt=media"
    assert http.get(url, headers={"Range": "bytes=0-1,4-5"}).status_code == 501


def test_a_refused_field_that_asks_for_nothing_is_fine(storage: Any, http: Any, bucket: Any) -> None:
    bucket.blob("a").upload_from_string(b"x")
    url = f"{storage.url}/storage/v1/b/{bucket.name}/o/a"
    assert http.patch(url, json={"temporaryHold": False}).status_code == 200


def test_a_second_server_on_the_same_state_does_not_start(storage: Any) -> None:
    command = [sys.executable, "-m", "localcloud", "storage", "--port", "0", "--state", str(storage.state)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert second.returncode != 0
    assert "another server" in second.stderr
