"""Finalized objects arrive at their triggers as CloudEvents: soon, at least once, and over kills."""

import json
import threading
import time
from itertools import pairwise
from typing import Any

import pytest


@pytest.fixture
def start(own_storage: Any, receivers: Any) -> Any:
    """Start the server with a receiver for each of the named buckets; returns the receivers."""

    def started(*buckets: str) -> list[Any]:
        made = [receivers() for _ in buckets]
        own_storage.triggers = [f"{bucket}={receiver.url}" for bucket, receiver in zip(buckets, made, strict=True)]
        own_storage.start()
        client = own_storage.client()
        for bucket in dict.fromkeys(buckets):
            client.create_bucket(bucket)
        return made

    return started


def test_an_event_is_eventarcs_binary_cloud_event(own_storage: Any, start: Any, eventually: Any) -> None:
    (receiver,) = start("data")
    blob = own_storage.client().bucket("data").blob("loans/a b/ü%.csv")
    blob.upload_from_string(b"x,y\n", content_type="text/csv")
    delivery = eventually(lambda: receiver.deliveries)[0]
    headers = {name: value for name, value in delivery.headers.items() if name.startswith("ce-")}
    assert headers.pop("ce-id")
    assert headers == {
        "ce-source": "//storage.googleapis.com/projects/_/buckets/data",
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.storage.object.v1.finalized",
        "ce-subject": "objects/loans/a%20b/%C3%BC%25.csv",
        "ce-time": blob.updated.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "ce-bucket": "data",
    }
    assert delivery.headers["content-type"] == "application/json"
    body = json.loads(delivery.body)
    blob.reload()
    assert body == blob._properties
    assert (body["generation"], body["metageneration"], body["size"]) == (str(blob.generation), "1", "4")


def test_every_way_to_finalize_sends_one_event(own_storage: Any, start: Any, eventually: Any) -> None:
    (receiver,) = start("data")
    bucket = own_storage.client().bucket("data")
    one = bucket.blob("uploaded")
    one.upload_from_string(b"x")
    with bucket.blob("resumable").open("wb") as file:
        file.write(b"x")
    bucket.copy_blob(one, bucket, "copied")
    bucket.blob("rewritten").rewrite(one)
    bucket.blob("composed").compose([one, one])
    one.metadata = {"not": "finalized"}
    one.patch()
    one.delete()
    one.upload_from_string(b"again")
    eventually(lambda: len(receiver.deliveries) == 6)
    expected = ["uploaded", "resumable", "copied", "rewritten", "composed", "uploaded"]
    assert sorted(receiver.subjects()) == sorted(f"objects/{name}" for name in expected)
    assert len({delivery.headers["ce-id"] for delivery in receiver.deliveries}) == 6


def test_an_upload_that_fails_sends_nothing(own_storage: Any, start: Any, eventually: Any) -> None:
    (receiver,) = start("data")
    bucket, http = own_storage.client().bucket("data"), own_storage.http()
    url = f"{own_storage.url}/upload/storage/v1/b/data/o?uploadType=media"
    assert http.post(f"{url}&name=corrupt", data=b"x", headers={"x-goog-hash": "crc32c=AAAAAA=="}).status_code == 400
    assert http.post(f"{url}&name=late&ifGenerationMatch=7", data=b"x").status_code == 412
    bucket.blob("good").upload_from_string(b"x")
    eventually(lambda: receiver.deliveries)
    assert receiver.subjects() == ["objects/good"]


def test_only_buckets_with_a_trigger_send_events(own_storage: Any, start: Any, eventually: Any) -> None:
    first, second, also_first = start("one", "two", "one")
    client = own_storage.client()
    client.create_bucket("silent").blob("x").upload_from_string(b"")
    client.bucket("one").blob("x").upload_from_string(b"")
    client.bucket("two").blob("y").upload_from_string(b"")
    eventually(lambda: first.deliveries and second.deliveries and also_first.deliveries)
    assert [each.subjects() for each in (first, second, also_first)] == [["objects/x"], ["objects/y"], ["objects/x"]]
    assert first.deliveries[0].headers["ce-id"] != also_first.deliveries[0].headers["ce-id"]


def test_anything_but_2xx_is_delivered_again_later_and_later(own_storage: Any, start: Any, eventually: Any) -> None:
    (receiver,) = start("data")
    answers = [500, 404, 301, 202]
    receiver.answer = lambda _: answers[len(receiver.deliveries) - 1]
    own_storage.client().bucket("data").blob("x").upload_from_string(b"")
    eventually(lambda: len(receiver.deliveries) == len(answers))
    times = [delivery.at for delivery in receiver.deliveries]
    for (earlier, later), pause in zip(pairwise(times), (0.2, 0.4, 0.8), strict=True):
        assert pause <= later - earlier + 0.01 < pause + 0.5
    assert len({delivery.headers["ce-id"] for delivery in receiver.deliveries}) == 1


def test_a_receiver_that_hangs_holds_up_no_other_trigger_or_event(
    own_storage: Any, start: Any, eventually: Any
) -> None:
    hanging, quick = start("stuck", "data")
    release = threading.Event()
    hanging.answer = lambda delivery: 204 if "8" in delivery.headers["ce-subject"] or release.wait(20) else 500
    client = own_storage.client()
    for number in range(10):
        client.bucket("stuck").blob(str(number)).upload_from_string(b"")
    client.bucket("data").blob("x").upload_from_string(b"")
    try:
        eventually(lambda: quick.deliveries and len(hanging.deliveries) == 10, within=5)
    finally:
        release.set()


def test_events_survive_a_kill_between_upload_and_delivery(own_storage: Any, start: Any, eventually: Any) -> None:
    (receiver,) = start("data")
    receiver.answer = lambda _: 503
    names = [f"{number}.csv" for number in range(20)]
    for name in names:
        own_storage.client().bucket("data").blob(name).upload_from_string(b"x")
    own_storage.kill()
    seen = {delivery.headers["ce-id"]: delivery.body for delivery in receiver.deliveries}
    receiver.deliveries.clear()
    receiver.answer = lambda _: 204
    own_storage.start()
    eventually(lambda: len(receiver.deliveries) >= 20)
    again = {delivery.headers["ce-id"]: delivery.body for delivery in receiver.deliveries}
    assert {json.loads(body)["name"] for body in again.values()} == set(names)
    assert seen.items() <= again.items()


def test_a_kill_during_delivery_delivers_the_same_event_again(own_storage: Any, start: Any, eventually: Any) -> None:
    (receiver,) = start("data")
    release = threading.Event()
    receiver.answer = lambda _: 204 if release.wait(20) else 500
    own_storage.client().bucket("data").blob("x").upload_from_string(b"")
    eventually(lambda: receiver.deliveries)
    own_storage.kill()
    release.set()
    own_storage.start()
    first, second = eventually(lambda: receiver.deliveries if len(receiver.deliveries) == 2 else None)
    assert first.headers["ce-id"] == second.headers["ce-id"]


def test_an_acknowledged_event_is_not_sent_again_after_a_restart(own_storage: Any, start: Any, eventually: Any) -> None:
    (receiver,) = start("data")
    bucket = own_storage.client().bucket("data")
    bucket.blob("first").upload_from_string(b"")
    eventually(lambda: receiver.deliveries)
    assert own_storage.end() == 0
    own_storage.start()
    bucket.blob("second").upload_from_string(b"")
    eventually(lambda: len(receiver.deliveries) == 2)
    assert receiver.subjects() == ["objects/first", "objects/second"]


def test_waiting_events_follow_their_trigger_to_a_new_url(
    own_storage: Any, start: Any, receivers: Any, eventually: Any
) -> None:
    (old,) = start("data")
    old.answer = lambda _: 500
    own_storage.client().bucket("data").blob("x").upload_from_string(b"")
    eventually(lambda: old.deliveries)
    own_storage.end()
    new = receivers()
    own_storage.triggers = [f"data={new.url}"]
    own_storage.start()
    assert eventually(lambda: new.subjects()) == ["objects/x"]


def test_delivery_begins_within_milliseconds_of_the_upload(own_storage: Any, start: Any, eventually: Any) -> None:
    (receiver,) = start("data")
    bucket = own_storage.client().bucket("data")
    delays = []
    for number in range(20):
        bucket.blob(f"{number}").upload_from_string(b"x")
        uploaded = time.time()
        eventually(lambda count=number + 1: len(receiver.deliveries) == count)
        delays.append(receiver.deliveries[-1].at - uploaded)
    median = sorted(delays)[len(delays) // 2]
    print(f"upload complete to delivery: median {median * 1000:.1f} ms, longest {max(delays) * 1000:.1f} ms")
    assert median < 0.03
