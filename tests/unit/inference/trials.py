"""A champion and a challenger that misbehaves as a test wants it, served by a service that tries it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import ref

from headrace.events import ChallengerTried
from headrace.workload import Arrays, Codec, Instance
from services.inference.service import Inference

from .fakes import FakePlatform, TinyCodec, TinyServing, tiny
from .running import Client, announced, serving, until

CHAMPION, CHALLENGER = 1, 2


@dataclass
class Manners:
    """What version 2 does with the instances that it is given, and the label that both give unless told otherwise."""

    on: Callable[[Sequence[Instance]], None] = lambda _: None
    label: Callable[[int], str] = lambda _: "good"
    seen: list[Instance] = field(default_factory=list)
    opened: list["ref[Codec]"] = field(default_factory=list)

    @property
    def in_memory(self) -> int:
        """How many of the models that were opened there still are."""
        return sum(opened() is not None for opened in self.opened)


class _Codec(TinyCodec):
    def __init__(self, number: int, manners: Manners) -> None:
        self._number, self._manners = number, manners

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        if self._number == CHALLENGER and "secret" in instances[0]:  # what is warmed with has none
            self._manners.seen += instances
            self._manners.on(instances)
        return super().encode(instances)

    def decode(self, outputs: Arrays, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        label = self._manners.label(self._number)
        return [{**answer, "label": label} for answer in super().decode(outputs, instances)]


class _Serving(TinyServing):
    def __init__(self, manners: Manners) -> None:
        self._manners = manners

    def open(self, folder: Path) -> Codec:
        codec = _Codec(int(folder.name.partition("-")[0]), self._manners)
        self._manners.opened.append(ref(codec))
        return codec


@contextmanager
def trying(platform: FakePlatform, folder: Path, manners: Manners | None = None, **rule: Any) -> Iterator[Client]:
    """The service while version 2 is on trial against version 1, by the `rule` of workload.yaml."""
    workload = tiny(serving=_Serving(manners or Manners()), challenger=rule)
    platform.fake_registry.publish("tiny", CHALLENGER, alias="challenger", against=CHAMPION)
    with serving(lambda: Inference(platform, [workload], folder / "cache", poll=0.1)) as client:
        until(lambda: client.get("/ready").ok)
        until(lambda: challenger(client)["state"] == "running")
        yield client


def challenger(client: Client) -> dict[str, Any]:
    """What the service says of its challenger."""
    return dict(client.get("/models").json()["models"][0]["challenger"])


def ask(client: Client, times: int, **headers: str) -> list[dict[str, Any]]:
    """What so many requests were answered, all well."""
    answers = [client.post("/predict", {"a": 1, "b": 2, "secret": "s"}, **headers) for _ in range(times)]
    assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers if not answer.ok]
    return [answer.json() for answer in answers]


def outcome(platform: FakePlatform) -> ChallengerTried:
    """How the trial ended, as it was told to the bus."""
    until(lambda: announced(platform.fake_bus))
    (fact,) = announced(platform.fake_bus)
    assert isinstance(fact, ChallengerTried)
    return fact


def sleep(seconds: float) -> Callable[[Sequence[Instance]], None]:
    """To take so long."""
    return lambda _: time.sleep(seconds)


def fail(_: Sequence[Instance]) -> None:
    """To be broken."""
    raise RuntimeError("the challenger is broken")
