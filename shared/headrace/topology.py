"""`infra/topology.yaml` in; who listens to what and publishes what, typed and checked, out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from headrace import events

SERVICES = ("batch", "logs", "dead_letters")
"""What a deployable may use beside buckets and other deployables."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Delivery(_Part):
    """How Pub/Sub delivers: seconds to answer, seconds between attempts, attempts before the dead-letter topic."""

    ack_seconds: int
    retry_seconds: tuple[float, float]
    attempts: int
    export_seconds: float


class Needs(_Part):
    """The machine of a function, service or job: cores, MiB, seconds a call or a run may take, instances.

    A job's task that fails is tried again `retries` times.
    """

    cpus: float = 1
    memory_mib: int = 512
    seconds: int = 600
    instances: tuple[int, int] = (0, 5)
    retries: int = 1


class Deployable(_Part):
    """One function, service or job. `per_workload` makes it a service of each workload, with that one's machine."""

    folder: str
    entry: Literal["cloud_event", "http", "process", "job"]
    command: tuple[str, ...] = ()
    path: str = "/"
    bucket: str | None = None
    schedule: str | None = None
    listens: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    publishes: tuple[str, ...] = ()
    ordered: bool = False
    ack_seconds: int | None = None
    uses: Mapping[str, Literal["read", "write", "submit", "call", "run"]] = {}
    secrets: tuple[str, ...] = ()
    needs: Needs = Needs()
    per_workload: bool = False


class Topology(_Part):
    """The whole loop."""

    buckets: Mapping[str, str]
    streams: Mapping[str, str]
    secrets: Mapping[str, str]
    delivery: Delivery
    deployables: Mapping[str, Deployable]

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        known = {event.__name__ for event in events.EVENTS.values()}
        for name, deployable in self.deployables.items():
            unknown = {*deployable.listens, *deployable.publishes} - known
            unknown |= {*deployable.streams, *deployable.writes, *deployable.reads} - set(self.streams)
            unknown |= {deployable.bucket} - set(self.buckets) if deployable.bucket else set()
            unknown |= set(deployable.secrets) - set(self.secrets)
            unknown |= set(deployable.uses) - {*self.buckets, *self.deployables, *SERVICES}
            if unknown:
                raise ValueError(f"{name} names {sorted(unknown)}, which nothing defines")
        return self

    def topics(self) -> tuple[str, ...]:
        """Every topic: one an event, one a stream."""
        return (*(event.topic() for event in events.EVENTS.values()), *self.streams)

    def subscriptions(self) -> tuple["Subscription", ...]:
        """Every push subscription."""
        return tuple(
            Subscription(name, topic, deployable)
            for name, deployable in self.deployables.items()
            for topic in (*map(topic_of, deployable.listens), *deployable.streams)
        )


class Subscription:
    """One deployable listening to one topic."""

    def __init__(self, listener: str, topic: str, deployable: Deployable) -> None:
        self.listener, self.topic, self.deployable = listener, topic, deployable
        self.name = f"{listener.replace('_', '-')}-{topic}"


def topic_of(event: str) -> str:
    """The topic of the event class called `event`."""
    return next(kind.topic() for kind in events.EVENTS.values() if kind.__name__ == event)


def export_prefix(topic: str, streams: Mapping[str, str]) -> str:
    """Where in the audit bucket a topic's messages are written."""
    return f"{topic}/" if topic in streams else f"events/{topic}/"


def load(path: Path) -> Topology:
    """Read and check the file."""
    return Topology.model_validate(yaml.safe_load(path.read_text()))
