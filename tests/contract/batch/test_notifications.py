"""State changes of Batch jobs and tasks, published to Pub/Sub as the service publishes them."""

import re
from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
import pytest
from google.api_core import exceptions
from google.cloud import batch_v1
from google.pubsub_v1 import PublishRequest, PublishResponse

State = batch_v1.JobStatus.State
TOPIC = "projects/local-proj/topics/batch-jobs"


class Publisher:
    """A gRPC server that takes google.pubsub.v1.Publisher/Publish and remembers what came."""

    def __init__(self, port: int) -> None:
        self.messages: list[tuple[str, Any]] = []
        self.port = port
        self._server: grpc.Server | None = None

    def start(self) -> None:
        handler = grpc.unary_unary_rpc_method_handler(
            self._publish, PublishRequest.deserialize, PublishResponse.serialize
        )
        self._server = grpc.server(futures.ThreadPoolExecutor(2))
        service = grpc.method_handlers_generic_handler("google.pubsub.v1.Publisher", {"Publish": handler})
        self._server.add_generic_rpc_handlers((service,))
        self._server.add_insecure_port(f"127.0.0.1:{self.port}")
        self._server.start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop(None).wait()

    def attributes(self, name: str) -> list[str]:
        return [message.attributes[name] for _, message in self.messages if name in message.attributes]

    def _publish(self, request: Any, _: grpc.ServicerContext) -> Any:
        self.messages += [(request.topic, message) for message in request.messages]
        return PublishResponse(message_ids=[str(number) for number, _ in enumerate(request.messages)])


@pytest.fixture
def publisher(free_port: Any) -> Iterator[Publisher]:
    server = Publisher(free_port())
    try:
        yield server
    finally:
        server.stop()


def _notified(batch: Any, script: str, **message: str) -> Any:
    job = batch.job(script)
    job.notifications = [{"pubsub_topic": TOPIC, "message": message}]
    return batch.create(job)


def test_every_change_of_a_job_is_published(new_batch: Any, publisher: Publisher, eventually: Any) -> None:
    publisher.start()
    batch = new_batch("--pubsub", f"127.0.0.1:{publisher.port}")
    job = _notified(batch, "true", type_="JOB_STATE_CHANGED")
    eventually(lambda: len(publisher.messages) == 4)
    assert publisher.attributes("NewJobState") == ["QUEUED", "SCHEDULED", "RUNNING", "SUCCEEDED"]
    topic, message = publisher.messages[-1]
    assert topic == TOPIC
    assert dict(message.attributes) == {
        "Type": "JOB_STATE_CHANGED",
        "JobName": job.name,
        "JobUID": job.uid,
        "NewJobState": "SUCCEEDED",
        "OldJobState": "RUNNING",
    }
    assert re.fullmatch(
        rf"Job state was updated: jobUID={job.uid}, previousState=RUNNING, currentState=SUCCEEDED, timestamp=\S+",
        message.data.decode(),
    )


def test_a_notification_can_ask_for_one_state_only(new_batch: Any, publisher: Publisher, eventually: Any) -> None:
    publisher.start()
    batch = new_batch("--pubsub", f"127.0.0.1:{publisher.port}")
    batch.finish(_notified(batch, "true", type_="JOB_STATE_CHANGED", new_job_state="FAILED"))
    batch.finish(_notified(batch, "false", type_="JOB_STATE_CHANGED", new_job_state="FAILED"))
    task = batch.finish(_notified(batch, "true", type_="TASK_STATE_CHANGED", new_task_state="SUCCEEDED"))
    eventually(lambda: len(publisher.messages) >= 2)
    assert publisher.attributes("NewJobState") == ["FAILED"]
    assert publisher.attributes("NewTaskState") == ["SUCCEEDED"]
    assert publisher.attributes("TaskUID") == [f"{task.uid}-group0-0"]


def test_what_happens_while_pubsub_is_down_is_published_once_it_is_back(
    new_batch: Any, publisher: Publisher, eventually: Any
) -> None:
    batch = new_batch("--pubsub", f"127.0.0.1:{publisher.port}")
    batch.finish(_notified(batch, "true", type_="JOB_STATE_CHANGED"))
    batch.end(9)
    batch.start()
    publisher.start()
    eventually(lambda: publisher.attributes("NewJobState")[-1:] == ["SUCCEEDED"])
    assert publisher.attributes("NewJobState") == ["QUEUED", "SCHEDULED", "RUNNING", "SUCCEEDED"]


def test_a_job_with_notifications_needs_a_pubsub(batch: Any) -> None:
    with pytest.raises(exceptions.FailedPrecondition, match="--pubsub HOST:PORT"):
        _notified(batch, "true", type_="JOB_STATE_CHANGED")
