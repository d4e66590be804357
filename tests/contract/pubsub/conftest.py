"""The servers under test with a client each, and HTTP receivers; what is known to differ on Google's emulator."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contract.pubsub.client import Client
from tests.contract.pubsub.receiver import Receiver
from tests.contract.pubsub.servers import Server, emulator, local_server

# What Google's emulator (jar 0.8.20) does otherwise than the service: the test, and the difference. Each of these tests
# must fail on the emulator, so a difference that goes away has to leave the table.
DIFFERENCES = {
    "test_202_acknowledges_a_push": "delivers again after 202",
    "test_203_does_not_acknowledge_a_push": "takes 203 for an acknowledgement",
    "test_a_push_carries_its_delivery_attempt_when_there_is_a_dead_letter_policy": "never writes deliveryAttempt",
    "test_a_push_carries_its_ordering_key": "never writes orderingKey",
    "test_a_failed_push_is_retried_after_delays_that_double_without_a_policy": "retries once a second",
    "test_a_failed_push_is_retried_no_sooner_than_the_minimum_back_off": "retries after about a second",
    "test_a_push_with_an_oidc_token_has_a_bearer_token": "sends no Authorization header",
    "test_a_filter_selects_messages_by_their_attributes": "stores filters but delivers everything",
    "test_a_filter_applies_to_pushes": "stores filters but delivers everything",
    "test_a_filter_with_bad_syntax_is_refused": "accepts any filter",
    "test_a_refused_message_comes_again_after_the_back_off_of_a_retry_policy": "delivers it again at once",
    "test_a_push_subscription_cannot_be_pulled": "lets it be pulled",
    "test_a_streaming_client_is_given_no_more_than_it_asked_for": "streams all there is",
    "test_a_dead_letter_unblocks_its_ordering_key": "never dead-letters a pushed message with an ordering key",
    "test_an_ack_deadline_below_10_seconds_is_refused": "accepts 9 seconds",
    "test_a_message_over_the_services_limits_is_refused": "has no limits on messages and attributes",
    "test_the_labels_of_a_topic_can_be_updated": "does not implement UpdateTopic",
    "test_the_labels_of_a_subscription_can_be_updated": "cannot update labels",
    "test_twenty_slow_receivers_are_pushed_to_at_once": "has two pushes in flight per subscription",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        if item.path.parent == Path(__file__).parent and parameters.get("backend") == "emulator":
            item.add_marker(pytest.mark.slow)
            if difference := DIFFERENCES.get(getattr(item, "originalname", "")):
                item.add_marker(pytest.mark.xfail(strict=True, reason=f"the emulator {difference}"))


@pytest.fixture(scope="session", params=["localcloud", "emulator"])
def backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server under test: this project's, then Google's."""
    local = request.param == "localcloud"
    server = local_server(tmp_path_factory.mktemp("pubsub")) if local else emulator()
    server.start()
    try:
        yield server
    finally:
        server.end()


@pytest.fixture(scope="session")
def client(backend: Server) -> Iterator[Client]:
    """A client of the server under test."""
    client = Client(backend.address)
    try:
        yield client
    finally:
        client.close()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts local servers that a test may kill; options as on the command line."""
    servers = list[Server]()

    def start(*options: str) -> Server:
        servers.append(local_server(tmp_path / "state", *options))
        servers[-1].start()
        return servers[-1]

    try:
        yield start
    finally:
        for server in servers:
            server.end(signal.SIGKILL)


@pytest.fixture
def client_of() -> Iterator[Callable[[Server], Client]]:
    """Makes clients of servers that a test has of its own."""
    clients = list[Client]()

    def connect(server: Server) -> Client:
        clients.append(Client(server.address))
        return clients[-1]

    try:
        yield connect
    finally:
        for client in clients:
            client.close()


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a local server, for what only that promises."""
    server = local_server(tmp_path_factory.mktemp("local"))
    server.start()
    client = Client(server.address)
    try:
        yield client
    finally:
        client.close()
        server.end()


@pytest.fixture(scope="session")
def sink() -> Iterator[Receiver]:
    """Takes uploads as the Cloud Storage JSON API does."""
    receiver = Receiver()
    receiver.answer = lambda _: 200
    try:
        yield receiver
    finally:
        receiver.close()


@pytest.fixture(scope="session")
def exporting(tmp_path_factory: pytest.TempPathFactory, sink: Receiver) -> Iterator[Client]:
    """A client of a local server that writes to the sink."""
    server = local_server(tmp_path_factory.mktemp("exporting"), "--storage-endpoint", sink.url.removesuffix("/push"))
    server.start()
    client = Client(server.address)
    try:
        yield client
    finally:
        client.close()
        server.end()


@pytest.fixture
def receivers() -> Iterator[Callable[[], Receiver]]:
    """Makes HTTP receivers."""
    made = list[Receiver]()

    def make() -> Receiver:
        made.append(Receiver())
        return made[-1]

    try:
        yield make
    finally:
        for receiver in made:
            receiver.close()


@pytest.fixture
def receiver(receivers: Callable[[], Receiver]) -> Receiver:
    """One HTTP receiver."""
    return receivers()
