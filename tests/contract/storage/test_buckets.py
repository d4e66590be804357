"""Buckets through Google's client."""

from typing import Any

import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound, PreconditionFailed


def test_a_new_bucket_can_be_read_and_listed(client: Any, bucket: Any) -> None:
    found = client.get_bucket(bucket.name)
    assert (found.storage_class, found.location, found.metageneration) == ("STANDARD", "US", 1)
    assert bucket.name in [listed.name for listed in client.list_buckets(prefix=bucket.name)]


def test_buckets_belong_to_the_project_they_were_made_in(client: Any, bucket: Any) -> None:
    assert not list(client.list_buckets(project="another-project", prefix=bucket.name))


def test_bucket_pages_hold_max_results_each(client: Any, bucket: Any) -> None:
    names = [f"{bucket.name}-{letter}" for letter in "abc"]
    for name in names:
        client.create_bucket(name)
    pages = client.list_buckets(prefix=f"{bucket.name}-", page_size=2).pages
    assert [[listed.name for listed in page] for page in pages] == [names[:2], names[2:]]


def test_a_taken_name_is_a_conflict(client: Any, bucket: Any) -> None:
    with pytest.raises(Conflict, match=bucket.name):
        client.create_bucket(bucket.name)


@pytest.mark.parametrize("name", ["ab", "-abc", "Upper", "a..b", "192.168.5.4", "goog-data", "x" * 64, "a/b"])
def test_names_against_the_rules_are_refused(client: Any, name: str) -> None:
    with pytest.raises(BadRequest, match="bucket name"):
        client._post_resource("/b", {"name": name}, query_params={"project": "local-proj"})


def test_a_missing_bucket_is_not_found(client: Any) -> None:
    with pytest.raises(NotFound, match="no-such-bucket"):
        client.get_bucket("no-such-bucket")
    with pytest.raises(NotFound, match="no-such-bucket"):
        client.bucket("no-such-bucket").blob("x").upload_from_string(b"")


def test_only_an_empty_bucket_can_be_deleted(client: Any, bucket: Any) -> None:
    bucket.blob("kept").upload_from_string(b"1")
    with pytest.raises(Conflict, match="not empty"):
        bucket.delete()
    bucket.blob("kept").delete()
    bucket.delete()
    assert not bucket.exists()


def test_a_patch_merges_labels_and_counts_metagenerations(client: Any, bucket: Any) -> None:
    bucket.labels = {"team": "risk", "tier": "one"}
    bucket.patch()
    labels = bucket.labels
    labels.pop("tier")
    labels["owner"] = "ann"
    bucket.labels = labels
    bucket.patch()
    found = client.get_bucket(bucket.name)
    assert found.labels == {"team": "risk", "owner": "ann"}
    assert found.metageneration == 3


def test_an_update_replaces_what_a_patch_would_keep(client: Any, bucket: Any) -> None:
    bucket.labels = {"team": "risk"}
    bucket.patch()
    bucket.labels = {}
    bucket.update()
    assert client.get_bucket(bucket.name).labels == {}


def test_a_bucket_patch_with_an_old_metageneration_fails(client: Any, bucket: Any) -> None:
    bucket.labels = {"team": "risk"}
    with pytest.raises(PreconditionFailed):
        bucket.patch(if_metageneration_match=7)
    bucket.patch(if_metageneration_match=1)


def test_overwritten_and_deleted_objects_stay_in_a_versioned_bucket(client: Any, bucket: Any) -> None:
    bucket.versioning_enabled = True
    bucket.patch()
    blob = bucket.blob("model")
    generations = []
    for content in (b"one", b"two"):
        blob.upload_from_string(content)
        generations.append(blob.generation)
    bucket.blob("model").delete()
    assert list(client.list_blobs(bucket)) == []
    versions = list(client.list_blobs(bucket, versions=True))
    assert [version.generation for version in versions] == generations
    assert all(version.time_deleted for version in versions)
    assert bucket.blob("model", generation=generations[0]).download_as_bytes() == b"one"
    bucket.blob("model", generation=generations[0]).delete()
    assert [version.generation for version in client.list_blobs(bucket, versions=True)] == generations[1:]
