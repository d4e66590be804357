"""Each port twice: the fake, and the adapter on the server that speaks the real protocol on this machine."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

import grpc
import pytest
import requests
from cryptography.fernet import Fernet
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage as gcs
from google.pubsub_v1 import PublisherClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

from headrace.adapters.batch import NOTICES, Batch
from headrace.adapters.clock import SystemClock
from headrace.adapters.mlflow import MlflowRegistry
from headrace.adapters.pubsub import PubSub
from headrace.adapters.slack import Slack
from headrace.adapters.storage import Bucket
from headrace.adapters.subscriber import subscriber
from headrace.errors import Unavailable
from headrace.events import EVENTS
from headrace.ports import Bus, Clock, Jobs, Message, Objects, People, Registry
from headrace.settings import Settings
from tests.fakes import FakeBus, FakeClock, FakeJobs, FakeObjects, FakePeople, FakeRegistry

from .servers import channel, eventually, free_port, running

PROJECT, REGION = "local-headrace", "local-region1"
both = ["fake", "adapter"]
_numbers = count(1)


@pytest.fixture(scope="session")
def storage_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, state = free_port(), tmp_path_factory.mktemp("storage")
    with running(port, "localcloud", "storage", "--port", str(port), "--state", str(state)):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def pubsub_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, state = free_port(), tmp_path_factory.mktemp("pubsub")
    with running(port, "localcloud", "pubsub", "--port", str(port), "--state", str(state)):
        address = f"127.0.0.1:{port}"
        with grpc.insecure_channel(address) as channel:
            publisher = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
            for topic in (*(event.topic() for event in EVENTS.values()), NOTICES):
                publisher.create_topic(name=f"projects/{PROJECT}/topics/{topic}")
        yield address


@pytest.fixture(scope="session")
def batch_address(tmp_path_factory: pytest.TempPathFactory, pubsub_address: str) -> Iterator[str]:
    """Its `trainer` image does nothing, well, unless it is told to fail, or to ask for another try."""
    port, state = free_port(), tmp_path_factory.mktemp("batch")
    ends = '75 if "--again" in sys.argv else "--fail" in sys.argv'
    image = f"trainer={sys.executable} -c 'import sys; sys.exit({ends})'"
    options = ["--pubsub", pubsub_address, "--image", image, "--cpus", "4"]
    with running(port, "localcloud", "batch", "--port", str(port), "--state", str(state), *options):
        yield f"127.0.0.1:{port}"


@pytest.fixture(scope="session")
def make_bucket(storage_url: str) -> Callable[[str], Bucket]:
    """Creates a bucket on the storage server."""
    options = {"api_endpoint": storage_url}
    client = gcs.Client(project=PROJECT, credentials=AnonymousCredentials(), client_options=options)

    def make(name: str) -> Bucket:
        client.create_bucket(name)
        return Bucket(name, PROJECT, storage_url)

    return make


@pytest.fixture(scope="session")
def mlflow_url(
    tmp_path_factory: pytest.TempPathFactory, storage_url: str, make_bucket: Callable[[str], Bucket]
) -> Iterator[str]:
    """MLflow's own server as the platform runs it, its artifacts on the storage server."""
    make_bucket(f"{PROJECT}-models")
    port, database = free_port(), tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    arguments = ["--port", str(port), "--database", f"sqlite:///{database}", "--hook", "http://127.0.0.1:9/"]
    environment = {
        "HEADRACE_PROJECT": PROJECT,
        "HEADRACE_REGION": REGION,
        "HEADRACE_WEBHOOK_SECRET": "a secret that both sides were told",
        "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY": Fernet.generate_key().decode(),
        "MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "http,https",
        "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true",
        "MLFLOW_WEBHOOK_REQUEST_MAX_RETRIES": "0",
        "STORAGE_EMULATOR_HOST": storage_url,
    }
    with running(port, "services.mlflow.main", *arguments, **environment):
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: requests.get(f"{url}/health", timeout=30).ok)
        yield url


@pytest.fixture(params=both)
def objects(request: pytest.FixtureRequest) -> Objects:
    """An empty bucket."""
    name = f"bucket-{next(_numbers)}"
    if request.param == "fake":
        return FakeObjects(name, FakeClock())
    make: Callable[[str], Bucket] = request.getfixturevalue("make_bucket")
    return make(name)


@dataclass(frozen=True, slots=True)
class BusUnderTest:
    """A bus, and the first so many messages that a subscriber to a topic gets."""

    port: Bus
    arrived: Callable[[str, int], list[Message]]


@pytest.fixture(params=both)
def bus(request: pytest.FixtureRequest) -> Iterator[BusUnderTest]:
    if request.param == "fake":
        fake = FakeBus()
        yield BusUnderTest(fake, lambda topic, most: [each for each in fake.messages if each.topic == topic][:most])
        return
    address: str = request.getfixturevalue("pubsub_address")
    client, run = subscriber(address), next(_numbers)
    names = {event.topic(): f"projects/{PROJECT}/subscriptions/{event.topic()}-{run}" for event in EVENTS.values()}
    for topic, name in names.items():
        request_ = {"name": name, "topic": f"projects/{PROJECT}/topics/{topic}", "enable_message_ordering": True}
        client.create_subscription(request=request_)

    def arrived(topic: str, most: int) -> list[Message]:
        found: list[Message] = []
        while len(found) < most:
            answer = client.pull(subscription=names[topic], max_messages=most, timeout=10, retry=None)
            inner = [each.message for each in answer.received_messages]
            found += [Message(topic, one.data, dict(one.attributes), one.ordering_key) for one in inner]
            client.acknowledge(subscription=names[topic], ack_ids=[each.ack_id for each in answer.received_messages])
        return found

    try:
        yield BusUnderTest(PubSub(PROJECT, address), arrived)
    finally:
        for name in names.values():
            client.delete_subscription(subscription=name)
        client.transport.close()


@pytest.fixture
def batch(batch_address: str) -> Batch:
    return Batch(Settings(project=PROJECT, region=REGION, trainer_image="trainer", batch_endpoint=batch_address))


@dataclass(frozen=True, slots=True)
class JobsUnderTest:
    """Batch, and a way to have a job run to its end."""

    port: Jobs
    finish: Callable[[str], None]


@pytest.fixture(params=both)
def jobs(request: pytest.FixtureRequest) -> JobsUnderTest:
    if request.param == "fake":
        fake = FakeJobs(SystemClock())
        return JobsUnderTest(fake, lambda job: fake.end(job, "SUCCEEDED", timedelta(microseconds=1)))
    batch: Batch = request.getfixturevalue("batch")
    return JobsUnderTest(batch, lambda job: eventually(lambda: batch.get(job).state == "SUCCEEDED"))


@pytest.fixture
def job_name() -> str:
    """A job's id that no other test uses."""
    return f"loan-default-xgboost-{next(_numbers):012x}"


@dataclass(frozen=True, slots=True)
class RegistryUnderTest:
    """A registry, ways to put files where a version finds them and to read a run's, and to delete a version.

    `track` lets a training begin its run, with the values of each of its curves.
    """

    port: Registry
    put: Callable[[Path], tuple[str, str]]
    delete: Callable[[str, int], None]
    read: Callable[[str, str], bytes]
    track: Callable[[str, str, Mapping[str, Sequence[float]]], str]


@pytest.fixture(params=both)
def registry(request: pytest.FixtureRequest) -> RegistryUnderTest:
    if request.param == "fake":
        fake = FakeRegistry(SystemClock())
        return RegistryUnderTest(fake, fake.log, fake.delete, lambda run, path: fake.attached[run, path], fake.track)
    url: str = request.getfixturevalue("mlflow_url")
    return RegistryUnderTest(
        MlflowRegistry(url, retries=1), lambda folder: _logged(url, folder), _deleter(url), _reader(url), _tracker(url)
    )


def _logged(url: str, folder: Path) -> tuple[str, str]:
    from headrace.adapters.tracking import TrainingRun

    run = TrainingRun(url, "loan_default", f"job-{next(_numbers)}", {})
    return run.id, run.log_export(folder)


def _tracker(url: str) -> Callable[[str, str, Mapping[str, Sequence[float]]], str]:
    def track(workload: str, job: str, curves: Mapping[str, Sequence[float]]) -> str:
        """As a training job does it, which then goes on."""
        from headrace.adapters.tracking import TrainingRun

        run = TrainingRun(url, workload, job, {})
        for step, values in enumerate(zip(*curves.values(), strict=True), start=1):
            run.curve(step, dict(zip(curves, values, strict=True)))
        run._curves.close()
        return str(run.id)

    return track


def _reader(url: str) -> Callable[[str, str], bytes]:
    def read(run: str, path: str) -> bytes:
        """As a person does who opens the file on MLflow's page."""
        answer = requests.get(f"{url}/get-artifact", params={"run_uuid": run, "path": path}, timeout=30)
        answer.raise_for_status()
        return answer.content

    return read


def _deleter(url: str) -> Callable[[str, int], None]:
    def delete(workload: str, number: int) -> None:
        body: Mapping[str, str] = {"name": workload, "version": str(number)}
        requests.delete(f"{url}/api/2.0/mlflow/model-versions/delete", json=body, timeout=30).raise_for_status()

    return delete


@pytest.fixture
def workload() -> str:
    """A registered model's name that no other test uses."""
    return f"workload_{next(_numbers)}"


@dataclass(frozen=True, slots=True)
class PeopleUnderTest:
    """People, what reached them, and a way to be unreachable."""

    port: People
    heard: Callable[[], list[tuple[str, str]]]
    leave: Callable[[], None]


@pytest.fixture(params=both)
def people(request: pytest.FixtureRequest) -> Iterator[PeopleUnderTest]:
    if request.param == "fake":
        fake = FakePeople()

        def leave() -> None:
            fake.before = _nobody_there

        yield PeopleUnderTest(fake, lambda: [(told.text, told.event) for told in fake.told], leave)
        return
    with channel() as slack:
        yield PeopleUnderTest(Slack(slack.url), lambda: slack.heard, slack.leave)


def _nobody_there() -> None:
    raise Unavailable("nobody is there")


@pytest.fixture(params=both)
def clock(request: pytest.FixtureRequest) -> Clock:
    return FakeClock() if request.param == "fake" else SystemClock()
