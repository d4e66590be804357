"""The topology in; buckets, topics, subscriptions, schedules and jobs, made or brought up to date, out.

On Google Cloud this is Terraform's work; both read the same file.
"""

from collections.abc import Mapping
from datetime import timedelta

import grpc
import requests
from google.api_core.exceptions import AlreadyExists, Conflict
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from google.protobuf.field_mask_pb2 import FieldMask
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport
from google.pubsub_v1.types import CloudStorageConfig, DeadLetterPolicy, PushConfig, RetryPolicy
from google.pubsub_v1.types import Subscription as PubsubSubscription

from headrace import topology as wiring
from headrace.bus.envelope import DUE
from headrace.topology import Deployable, Subscription
from localcloud.stack.programs import IMAGE, PROJECT, REGION, Plan

DEAD_LETTERS = "dead-letters"
EXPORT_SECONDS = 1.0
UPDATED = ["push_config", "ack_deadline_seconds", "retry_policy", "dead_letter_policy"]


def provision(plan: Plan, schedules: Mapping[str, str]) -> None:
    """Everything the topology names; `schedules` replaces its cron lines by deployable."""
    _buckets(plan)
    with grpc.insecure_channel(plan.address("pubsub")) as channel:
        _topics(plan, channel)
        _subscriptions(plan, channel)
    _run_jobs(plan)
    _schedules(plan, schedules)


def _buckets(plan: Plan) -> None:
    options = {"api_endpoint": plan.url("storage")}
    client = storage.Client(project=PROJECT, credentials=AnonymousCredentials(), client_options=options)
    for purpose in plan.topology.buckets:
        try:
            client.create_bucket(f"{PROJECT}-{purpose}")
        except Conflict:
            continue


def _topics(plan: Plan, channel: grpc.Channel) -> None:
    publisher = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
    for topic in (*plan.topology.topics(), DEAD_LETTERS):
        try:
            publisher.create_topic(name=_topic(topic))
        except AlreadyExists:
            continue


def _subscriptions(plan: Plan, channel: grpc.Channel) -> None:
    client = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
    for subscription in plan.topology.subscriptions():
        _create_or_update(client, _push(plan, subscription))
    for topic in plan.topology.topics():
        _create_or_update(client, _export(plan, topic))
    _create_or_update(client, PubsubSubscription(name=_subscription(DEAD_LETTERS), topic=_topic(DEAD_LETTERS)))


def _create_or_update(client: SubscriberClient, wanted: PubsubSubscription) -> None:
    try:
        client.create_subscription(request=wanted)
    except AlreadyExists:
        if wanted.push_config.push_endpoint:
            client.update_subscription(subscription=wanted, update_mask=FieldMask(paths=UPDATED))


def _push(plan: Plan, subscription: Subscription) -> PubsubSubscription:
    delivery, listener = plan.topology.delivery, subscription.deployable
    least, most = delivery.retry_seconds
    return PubsubSubscription(
        name=_subscription(subscription.name),
        topic=_topic(subscription.topic),
        push_config=PushConfig(push_endpoint=plan.url(subscription.listener) + listener.path),
        ack_deadline_seconds=listener.ack_seconds or delivery.ack_seconds,
        enable_message_ordering=listener.ordered,
        retry_policy=RetryPolicy(minimum_backoff=timedelta(seconds=least), maximum_backoff=timedelta(seconds=most)),
        dead_letter_policy=DeadLetterPolicy(
            dead_letter_topic=_topic(DEAD_LETTERS), max_delivery_attempts=delivery.attempts
        ),
    )


def _export(plan: Plan, topic: str) -> PubsubSubscription:
    """The audit trail. The service flushes once a minute at most; here every second, so that one can watch."""
    config = CloudStorageConfig(
        bucket=f"{PROJECT}-audit",
        filename_prefix=wiring.export_prefix(topic, plan.topology.streams),
        filename_suffix=".jsonl",
        max_duration=timedelta(seconds=EXPORT_SECONDS),
        text_config=CloudStorageConfig.TextConfig(),
    )
    return PubsubSubscription(name=_subscription(f"audit-{topic}"), topic=_topic(topic), cloud_storage_config=config)


def _run_jobs(plan: Plan) -> None:
    parent = f"{plan.url('run')}/v2/projects/{PROJECT}/locations/{REGION}/jobs"
    for name, each in plan.topology.deployables.items():
        if each.entry == "job" and each.schedule:
            container = {
                "image": IMAGE.format(name),
                "env": [{"name": key, "value": value} for key, value in plan.environment(name).items()],
            }
            body = {"template": {"template": {"containers": [container], "maxRetries": each.needs.retries}}}
            _put(parent, f"jobId={_job(name)}", _job(name), body)


def _schedules(plan: Plan, schedules: Mapping[str, str]) -> None:
    parent = f"{plan.url('scheduler')}/v1/projects/{PROJECT}/locations/{REGION}/jobs"
    for name, each in plan.topology.deployables.items():
        cron = schedules.get(name, each.schedule)
        if cron:
            full = f"projects/{PROJECT}/locations/{REGION}/jobs/{name}"
            _put(parent, "", name, {"name": full, "schedule": cron, "httpTarget": _target(plan, name, each)})


def _target(plan: Plan, name: str, each: Deployable) -> dict[str, object]:
    if each.entry == "job":
        job = f"projects/{PROJECT}/locations/{REGION}/jobs/{_job(name)}"
        return {"uri": f"{plan.url('run')}/v2/{job}:run", "httpMethod": "POST", "headers": {}}
    headers = {
        "ce-specversion": "1.0",
        "ce-id": f"schedule-{name}",
        "ce-type": DUE,
        "ce-source": "//cloudscheduler.googleapis.com/headrace",
        "ce-subject": name,
        "content-type": "application/json",
    }
    return {"uri": plan.url(name), "httpMethod": "POST", "headers": headers, "body": "e30="}


def _put(parent: str, query: str, name: str, body: Mapping[str, object]) -> None:
    answer = requests.post(f"{parent}?{query}", json=body, timeout=10)
    if answer.status_code == requests.codes.conflict:
        answer = requests.patch(f"{parent}/{name}", json=body, timeout=10)
    answer.raise_for_status()


def _job(name: str) -> str:
    """As Cloud Run knows it."""
    return name.replace("_", "-")


def _topic(name: str) -> str:
    return f"projects/{PROJECT}/topics/{name}"


def _subscription(name: str) -> str:
    return f"projects/{PROJECT}/subscriptions/{name}"
