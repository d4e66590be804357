"""A platform in memory, and a workload whose answers tell which version gave them."""

import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from headrace.catalogue import Description
from headrace.errors import BadData, NotFound
from headrace.ports import Bus, Clock, Message, Version
from headrace.workload import Arrays, Codec, Field, Instance
from services.inference.hosting.models import Workload
from services.inference.needs import Registry


class FakeBus:
    """Keeps what was published; refuses while `down`."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.down = False

    def publish(self, *messages: Message) -> None:
        if self.down:
            raise ConnectionError("the bus is down")
        self.messages += messages


class FakeRegistry:
    """Versions whose artifacts are folders under `root`; refuses while `down`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.aliases: dict[str, dict[str, int]] = {}
        self.tags: dict[tuple[str, int], dict[str, str]] = {}
        self.downloads: list[tuple[str, int]] = []
        self.down = False
        self._lock = Lock()

    def publish(
        self, workload: str, number: int, content: bytes | None = None, alias: str = "champion", against: int = 0
    ) -> None:
        """Store a version, broken when `content` is given, and have `alias` name it; on trial `against` a champion."""
        folder = self._folder(workload, number)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.onnx").write_bytes(content or tiny_model(offset=1000.0 * number))
        if against:
            self.tags[workload, number] = {"headrace.verdict": "on trial", "headrace.against": str(against)}
        self.set_alias(workload, alias, number)

    def workloads(self) -> Mapping[str, Mapping[str, int]]:
        self._answer()
        with self._lock:
            return {workload: dict(aliases) for workload, aliases in self.aliases.items()}

    def version(self, workload: str, number: int) -> Version:
        self._answer()
        if not self._folder(workload, number).is_dir():
            raise NotFound(f"no version {number} of {workload}")
        tags = self.tags.get((workload, number), {})
        return Version(workload, number, f"run{number}", f"artifacts:/{workload}/{number}", datetime.now(UTC), tags)

    def logged(self, workload: str, run_id: str, path: str) -> Version:
        self._answer()
        number = int(run_id.removeprefix("run"))
        if path != "export" or not self._folder(workload, number).is_dir():
            raise NotFound(f"no folder {path!r} of {run_id}")
        return Version(workload, 0, run_id, f"artifacts:/{workload}/{number}", datetime.now(UTC))

    def alias(self, workload: str, alias: str) -> Version | None:
        self._answer()
        number = self.aliases.get(workload, {}).get(alias)
        return None if number is None else self.version(workload, number)

    def set_alias(self, workload: str, alias: str, number: int) -> None:
        with self._lock:
            self.aliases.setdefault(workload, {})[alias] = number

    def delete_alias(self, workload: str, alias: str) -> None:
        with self._lock:
            self.aliases.get(workload, {}).pop(alias, None)

    def download(self, version: Version, folder: Path) -> None:
        self._answer()
        self.downloads.append((version.workload, version.number))
        number = version.number or int(version.run_id.removeprefix("run"))
        shutil.copytree(self._folder(version.workload, number), folder, dirs_exist_ok=True)

    def _folder(self, workload: str, number: int) -> Path:
        return self.root / workload / str(number)

    def _answer(self) -> None:
        if self.down:
            raise ConnectionError("the registry is down")


class FakeClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class FakePlatform:
    """What an inference service asks for."""

    component = "inference"

    def __init__(self, root: Path, bus: Bus | None = None) -> None:
        self.fake_bus = FakeBus()
        self.fake_registry = FakeRegistry(root)
        self.bus: Bus = bus or self.fake_bus
        self.registry: Registry = self.fake_registry
        self.clock: Clock = FakeClock()


class TinyCodec:
    """`{"a": number, "b": number}` to `features` (n, 2); `score` (n, 1) to `{"score": number}`."""

    fields: Sequence[Field] = (Field("a", "number"), Field("b", "number"))

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        return {"features": np.array([[_number(row, "a"), _number(row, "b")] for row in instances], np.float32)}

    def decode(self, outputs: Arrays, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        return [{"score": float(row[0])} for row in outputs["score"]]


class TinyServing:
    """Serves `a + b + 1000 * version`; `secret` is never logged."""

    def open(self, _: Path) -> Codec:
        return TinyCodec()

    def loggable(self, instances: Sequence[Instance]) -> list[Instance]:
        return [{key: value for key, value in row.items() if key != "secret"} for row in instances]


def tiny(name: str = "tiny", serving: TinyServing | None = None, **limits: Any) -> Workload:
    """A workload that the service may host; `limits` are what workload.yaml says of its serving."""
    description = Description.model_validate(
        {
            "name": name,
            "title": "Adds two numbers",
            "task": "regression",
            "data": {"endings": [".csv"]},
            "candidates": {"only": {}},
            "promotion": {"metric": "rmse", "better": "lower"},
            "serving": {"max_rows": 2000, **limits},
            "card": {"purpose": "Tests.", "data": "None.", "limits": "Two numbers.", "licence": "Apache-2.0"},
            "example": {"a": 1, "b": 2},
        }
    )
    return Workload(description, lambda: serving or TinyServing())


def tiny_model(offset: float) -> bytes:
    """An ONNX graph that adds its two features and `offset`."""
    weights = helper.make_tensor("weights", TensorProto.FLOAT, [2, 1], [1.0, 1.0])
    bias = helper.make_tensor("bias", TensorProto.FLOAT, [1], [offset])
    graph = helper.make_graph(
        [helper.make_node("Gemm", ["features", "weights", "bias"], ["score"])],
        "tiny",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", 2])],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, ["n", 1])],
        [weights, bias],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _number(row: Instance, field: str) -> float:
    value = row.get(field)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise BadData(f"{field} is {value!r}; it must be a number")
    return float(value)
