"""Real workloads whose models are small graphs made on the spot, behind a real inference service on a socket."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from headrace import catalogue
from headrace.images import from_base64, rgb
from headrace.options.challenger import Challenger
from headrace.workload import Arrays, BadData, Codec, Field, Instance
from services.inference.access.doors import OPEN, Doors
from services.inference.hosting.models import Workload
from services.inference.service import Inference
from tests.unit.inference.fakes import FakePlatform
from tests.unit.inference.running import Client, serving, until
from workloads.sar_colorization.codec import SceneCodec
from workloads.sar_colorization.layout import TILE


class _Numbers:
    """What the codecs below share: one number a row, and a probability made of it."""

    fields: Sequence[Field] = ()

    def encode(self, instances: Sequence[Instance]) -> Arrays:
        found: list[float] = []
        for row, instance in enumerate(instances):
            try:
                found.append(self.number(instance))
            except BadData as error:
                raise BadData(f"row {row}: {error}" if len(instances) > 1 else str(error)) from None
        return {"number": np.array(found, np.float32).reshape(-1, 1)}

    def number(self, instance: Instance) -> float:
        raise NotImplementedError

    def decode(self, outputs: Arrays, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        return [self.said(float(row[0])) for row in outputs["score"]]

    def said(self, share: float) -> dict[str, Any]:
        raise NotImplementedError


class Loans(_Numbers):
    """The larger the loan, the likelier it is charged off."""

    fields = (
        Field("loan_amnt", "number", "a number from 0 to 1e+09", required=False, least=0, most=1e9),
        Field("grade", "text", 'a text such as "A"', required=False, choices=tuple("ABCDEFG")),
        Field("earliest_cr_line", "text", 'a month such as "Aug-1998"', required=False),
    )

    def number(self, instance: Instance) -> float:
        month = instance.get("earliest_cr_line") or "Aug-1998"
        if "-" not in str(month):
            raise BadData(f'earliest_cr_line: {month!r} is not a month such as "Aug-1998" or "1998-08"')
        amount = instance.get("loan_amnt") or 0
        if not isinstance(amount, int | float):
            raise BadData(f"loan_amnt: {amount!r} is not a number from 0 to 1e+09")
        return amount / 40_000

    def said(self, share: float) -> dict[str, Any]:
        return {"default_probability": share, "label": "charged_off" if share >= 0.5 else "fully_paid"}


class Texts(_Numbers):
    """The more letters, the better."""

    fields = (Field("text", "text", "read to its word 400"),)

    def number(self, instance: Instance) -> float:
        if not instance.get("text"):
            raise BadData("the text is empty: there is no word or sign in it; send some")
        return min(1.0, len(str(instance["text"])) / 100)

    def said(self, share: float) -> dict[str, Any]:
        return {"label": "positive" if share >= 0.5 else "negative", "probability": max(share, 1 - share)}


class Photos(_Numbers):
    """The brighter, the more of a dog."""

    fields = (Field("image", "image", "a photo of a cat or a dog"),)

    def number(self, instance: Instance) -> float:
        return float(rgb(from_base64(instance.get("image"), "image")).mean() / 255)

    def said(self, share: float) -> dict[str, Any]:
        label = "dog" if share >= 0.5 else "cat"
        return {"label": label, "cat_probability": 1 - share, "dog_probability": share}


class _Serving:
    def __init__(self, codec: Callable[[], Codec]) -> None:
        self._codec = codec

    def open(self, _: Path) -> Codec:
        return self._codec()

    def loggable(self, instances: Sequence[Instance]) -> list[Instance]:
        return [{name: value for name, value in each.items() if name != "image"} for each in instances]


CODECS: dict[str, Callable[[], Codec]] = {
    "cats_dogs": Photos,
    "loan_default": Loans,
    "sar_colorization": SceneCodec,
    "sentiment": Texts,
}


@contextmanager
def answering(folder: Path, *names: str, tags: dict[str, str] | None = None, doors: Doors = OPEN) -> Iterator[Client]:
    """An inference service on which version 1 of each named workload is champion; the others have no version."""
    platform = FakePlatform(folder / "registry")
    for name in names:
        platform.fake_registry.publish(name, 1, _painting() if name == "sar_colorization" else _passing())
        platform.fake_registry.tags[name, 1] = tags or {}
    hosted = [_hosted(name, codec) for name, codec in CODECS.items()]
    with serving(lambda: Inference(platform, hosted, folder / "cache", poll=600, doors=doors)) as client:
        until(lambda: client.get("/ready").ok)
        yield client


@contextmanager
def on_trial(folder: Path, name: str) -> Iterator[Client]:
    """An inference service on which version 2 of a workload is tried beside version 1, and nearly never chosen."""
    platform = FakePlatform(folder / "registry")
    platform.fake_registry.publish(name, 1, _passing())
    platform.fake_registry.publish(name, 2, _passing(), alias="challenger", against=1)
    hosted = _hosted(name, CODECS[name], Challenger(mode="canary", share=0.0001, requests=10_000))
    with serving(lambda: Inference(platform, [hosted], folder / "cache", poll=0.1)) as client:
        until(lambda: client.get("/models").json()["models"][0]["challenger"]["state"] == "running")
        yield client


def _hosted(name: str, codec: Callable[[], Codec], challenger: Challenger | None = None) -> Workload:
    described = catalogue.describe(name)
    limits = described.serving.model_copy(update={"challenger": challenger or Challenger()})
    return Workload(described.model_copy(update={"serving": limits}), lambda: _Serving(codec))


def _passing() -> bytes:
    """A graph that gives its number back."""
    node = helper.make_node("Identity", ["number"], ["score"])
    return _model([node], ("number", TensorProto.FLOAT, ["n", 1]), ("score", TensorProto.FLOAT, ["n", 1]))


def _painting() -> bytes:
    """A graph that shows radar as grey."""
    nodes = [
        helper.make_node("Cast", ["sar"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Constant", [], ["most"], value_float=255.0),
        helper.make_node("Div", ["floats", "most"], ["shares"]),
        helper.make_node("Constant", [], ["axis"], value_ints=[1]),
        helper.make_node("Unsqueeze", ["shares", "axis"], ["one"]),
        helper.make_node("Concat", ["one", "one", "one"], ["optical"], axis=1),
    ]
    tiles, colours = ["n", TILE, TILE], ["n", 3, TILE, TILE]
    return _model(nodes, ("sar", TensorProto.UINT8, tiles), ("optical", TensorProto.FLOAT, colours))


def _model(nodes: list[Any], given: tuple[str, int, list[Any]], made: tuple[str, int, list[Any]]) -> bytes:
    inputs, outputs = ([helper.make_tensor_value_info(*each)] for each in (given, made))
    graph = helper.make_graph(nodes, "small", inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
