"""What the local server does not do, it refuses by name."""

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "b/{bucket}/iam", None),
        ("GET", "b/{bucket}/acl", None),
        ("GET", "b/{bucket}/o/a/acl", None),
        ("GET", "b/{bucket}/notificationConfigs", None),
        ("POST", "b/{bucket}/notificationConfigs", {"topic": "t"}),
        ("POST", "b/{bucket}/o/a/restore?generation=1", None),
        ("GET", "projects/local-proj/serviceAccount", None),
        ("POST", "b/{bucket}/lockRetentionPolicy", None),
        ("GET", "b/{bucket}/o?filter=contexts", None),
        ("GET", "b/{bucket}/o?softDeleted=true", None),
        ("GET", "b/{bucket}/o?unheardOf=1", None),
        ("DELETE", "b/{bucket}/o/a?unheardOf=1", None),
        ("POST", "b?project=p&predefinedAcl=publicRead", {"name": "refused-bucket"}),
        ("POST", "b?project=p&enableObjectRetention=true", {"name": "refused-bucket"}),
        ("POST", "b?project=p", {"name": "refused-bucket", "lifecycle": {"rule": [{"action": {"type": "Delete"}}]}}),
        ("POST", "b?project=p", {"name": "refused-bucket", "retentionPolicy": {"retentionPeriod": "10"}}),
        ("POST", "b?project=p", {"name": "refused-bucket", "hierarchicalNamespace": {"enabled": True}}),
        ("PATCH", "b/{bucket}", {"encryption": {"defaultKmsKeyName": "k"}}),
        ("PATCH", "b/{bucket}", {"defaultEventBasedHold": True}),
        ("PATCH", "b/{bucket}", {"iamConfiguration": {"uniformBucketLevelAccess": {"enabled": False}}}),
        ("PATCH", "b/{bucket}/o/a", {"temporaryHold": True}),
        ("PATCH", "b/{bucket}/o/a", {"acl": [{"entity": "allUsers", "role": "READER"}]}),
        ("PATCH", "b/{bucket}/o/a", {"unheardOf": 1}),
    ],
)
def test_unsupported_requests_are_refused_by_name(
    storage: Any, http: Any, bucket: Any, method: str, path: str, body: Any
) -> None:
    bucket.blob("a").upload_from_string(b"x")
    answer = http.request(method, f"{storage.url}/storage/v1/{path.format(bucket=bucket.name)}", json=body)
    assert answer.status_code == 501
    message = answer.json()["error"]["message"]
    named = next(iter(set(body) - {"name"}), None) if body and "predefinedAcl" not in path else None
    expected = named if named and "enableObjectRetention" not in path and "notification" not in path else path
    assert _last_word(expected) in message
    assert bucket.get_blob("a").metageneration == 1


def _last_word(text: str) -> str:
    return (
        text.rpartition("/")[2].partition("?")[0]
        if "?" not in text
        else text.partition("?")[2].split("&")[-1].split("=")[0]
    )


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


def test_holding_objects_back_is_fine_when_it_asks_for_nothing(storage: Any, http: Any, bucket: Any) -> None:
    bucket.blob("a").upload_from_string(b"x")
    url = f"{storage.url}/storage/v1/b/{bucket.name}/o/a"
    assert http.patch(url, json={"temporaryHold": False}).status_code == 200


def test_a_second_server_on_the_same_state_does_not_start(storage: Any, tmp_path: Any) -> None:
    import subprocess
    import sys

    command = [sys.executable, "-m", "localcloud", "storage", "--port", "0", "--state", str(storage.state)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert second.returncode != 0
    assert "another storage server" in second.stderr
