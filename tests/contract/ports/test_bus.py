"""The bus: returning means that the service has the message, whole and in order."""

from headrace.ports import Message

from .conftest import BusUnderTest


def test_a_message_arrives_on_its_topic_with_its_data_attributes_and_ordering_key(bus: BusUnderTest) -> None:
    message = Message("dataset-ready", b"\x00 any bytes \xff", {"workload": "loan_default", "ü": "é"}, "loan_default")
    bus.port.publish(message)
    assert bus.arrived("dataset-ready", 1) == [message]


def test_a_message_needs_neither_attributes_nor_an_ordering_key(bus: BusUnderTest) -> None:
    bus.port.publish(Message("drift-checked", b"data"))
    assert bus.arrived("drift-checked", 1) == [Message("drift-checked", b"data")]


def test_messages_of_one_key_arrive_in_the_order_in_which_they_were_published(bus: BusUnderTest) -> None:
    sent = [Message("model-registered", str(number).encode(), ordering_key="loan_default") for number in range(20)]
    for message in sent:
        bus.port.publish(message)
    assert bus.arrived("model-registered", 20) == sent


def test_messages_published_together_all_arrive_on_their_topics_in_order(bus: BusUnderTest) -> None:
    checked = [Message("drift-checked", str(number).encode(), ordering_key="loan_default") for number in range(1500)]
    registered = [Message("model-registered", b"data"), Message("model-registered", b"more")]
    bus.port.publish(*checked, *registered)
    assert bus.arrived("drift-checked", 1500) == checked
    assert {message.data for message in bus.arrived("model-registered", 2)} == {b"data", b"more"}


def test_more_than_the_service_takes_at_once_arrives_all_the_same(bus: BusUnderTest) -> None:
    sent = [Message("drift-checked", bytes([number]) * 3_500_000, ordering_key="loan_default") for number in range(4)]
    bus.port.publish(*sent)
    assert [message.data[:1] for message in bus.arrived("drift-checked", 4)] == [b"\x00", b"\x01", b"\x02", b"\x03"]
