"""What the local server does not do, it refuses by name."""

from datetime import timedelta
from typing import Any

import pytest
from google.api_core import exceptions
from google.pubsub_v1 import types

from tests.contract.pubsub.client import Client


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("bigquery_config", {"table": "project.dataset.table"}),
        ("enable_exactly_once_delivery", True),
        ("message_transforms", [{"javascript_udf": {"function_name": "f", "code": "code"}}]),
        ("expiration_policy", {"ttl": timedelta(days=1)}),
        ("cloud_storage_config", {"bucket": "audit", "avro_config": {}}),
        ("cloud_storage_config", {"bucket": "audit", "service_account_email": "a@b.c"}),
        ("push_config", {"push_endpoint": "http://127.0.0.1:9/", "attributes": {"x-goog-version": "v1beta1"}}),
    ],
)
def test_a_subscription_field_that_is_not_implemented_is_named(local: Client, field: str, value: Any) -> None:
    inner = next((key for key in ("ttl", "avro_config", "service_account_email") if key in str(value)), field)
    with pytest.raises(exceptions.MethodNotImplemented, match=inner):
        local.subscription(local.topic(), **{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("schema_settings", {"schema": "projects/local-proj/schemas/s"}),
        ("kms_key_name", "projects/local-proj/locations/eu/keyRings/r/cryptoKeys/k"),
        ("message_retention_duration", timedelta(days=1)),
        ("message_storage_policy", {"allowed_persistence_regions": ["europe-west3"]}),
        ("ingestion_data_source_settings", {"aws_kinesis": {"stream_arn": "arn"}}),
    ],
)
def test_a_topic_field_that_is_not_implemented_is_named(local: Client, field: str, value: Any) -> None:
    with pytest.raises(exceptions.MethodNotImplemented, match=field):
        local.publisher.create_topic(request={"name": local.name("topics"), field: value})


def test_an_update_to_a_field_that_is_not_implemented_is_named(local: Client) -> None:
    subscription = {"name": local.subscription(local.topic()), "enable_exactly_once_delivery": True}
    mask = {"paths": ["enable_exactly_once_delivery"]}
    with pytest.raises(exceptions.MethodNotImplemented, match="enable_exactly_once_delivery"):
        local.subscriber.update_subscription(request={"subscription": subscription, "update_mask": mask})


def test_a_field_of_a_later_protocol_is_named_by_its_number(local: Client) -> None:
    known = types.Topic(name=local.name("topics"))
    later = b"\xaa\x06\x01x"  # field 101, a string
    create = local.publisher.transport.grpc_channel.unary_unary("/google.pubsub.v1.Publisher/CreateTopic")
    with pytest.raises(Exception, match="field 101 of Topic"):
        create(types.Topic.serialize(known) + later)


def test_a_method_that_is_not_implemented_is_named(local: Client) -> None:
    with pytest.raises(exceptions.MethodNotImplemented, match="CreateSnapshot"):
        local.subscriber.create_snapshot(
            name="projects/local-proj/snapshots/one", subscription=local.subscription(local.topic())
        )


def test_seeking_to_a_snapshot_is_refused(local: Client) -> None:
    subscription = local.subscription(local.topic())
    with pytest.raises(exceptions.MethodNotImplemented, match="snapshot"):
        local.subscriber.seek(request={"subscription": subscription, "snapshot": "projects/local-proj/snapshots/one"})
