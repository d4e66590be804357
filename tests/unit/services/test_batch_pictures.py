"""A folder of pictures, or of texts, dropped to be scored: by small graphs through the shipped workloads' own code."""

import csv
from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper, save
from PIL import Image

from functions.ingest.main import ingest
from headrace import batches
from headrace.batches import ROOT, Manifest
from headrace.bus.triggers import ObjectFinalized
from headrace.events import BatchScored, DatasetRejected
from headrace.settings import Task
from services.batch_inference.inputs.pictures import PICTURES
from services.batch_inference.main import score
from tests.fakes import FakePlatform
from workloads.cats_dogs.codec import Encoding
from workloads.sentiment.codec import TextCodec
from workloads.sentiment.vocabulary import Vocabulary


def graph(
    folder: Path,
    nodes: Sequence[NodeProto],
    sent: ValueInfoProto,
    answered: ValueInfoProto,
    constants: Mapping[str, npt.NDArray[np.generic]],
) -> Path:
    """An export with a graph of these nodes."""
    folder.mkdir()
    known = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    small = helper.make_graph(nodes, "small", [sent], [answered], known)
    opset = helper.make_opsetid("", 17)
    save(helper.make_model(small, ir_version=9, opset_imports=[opset]), folder / "model.onnx")
    return folder


def brightness(folder: Path) -> Path:
    """Pictures are dogs in so far as they are bright."""
    nodes = [
        helper.make_node("Cast", ["image"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["pixels"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Div", ["mean", "most"], ["dog"]),
        helper.make_node("Sub", ["one", "dog"], ["cat"]),
        helper.make_node("Unsqueeze", ["cat", "place"], ["cats"]),
        helper.make_node("Unsqueeze", ["dog", "place"], ["dogs"]),
        helper.make_node("Concat", ["cats", "dogs"], ["probabilities"], axis=1),
    ]
    constants = {"most": np.array(255, np.float32), "one": np.array(1, np.float32), "place": np.array([1])}
    sent = helper.make_tensor_value_info("image", TensorProto.UINT8, ["n", 3, 64, 64])
    answered = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 2])
    export = graph(folder, nodes, sent, answered, constants)
    Encoding().write(export)
    return export


def greys(folder: Path) -> Path:
    """Radar images keep their grey in every colour."""
    nodes = [
        helper.make_node("Cast", ["sar"], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["pixels", "most"], ["grey"]),
        helper.make_node("Unsqueeze", ["grey", "place"], ["one"]),
        helper.make_node("Concat", ["one", "one", "one"], ["optical"], axis=1),
    ]
    constants = {"most": np.array(255, np.float32), "place": np.array([1])}
    sent = helper.make_tensor_value_info("sar", TensorProto.UINT8, ["n", 256, 256])
    answered = helper.make_tensor_value_info("optical", TensorProto.FLOAT, ["n", 3, 256, 256])
    return graph(folder, nodes, sent, answered, constants)


def length(folder: Path) -> Path:
    """Texts are positive in so far as they are of more words than one."""
    nodes = [
        helper.make_node("Sign", ["tokens"], ["signs"]),
        helper.make_node("ReduceSum", ["signs", "place"], ["count"], keepdims=1),
        helper.make_node("Cast", ["count"], ["words"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["one", "words"], ["bad"]),
        helper.make_node("Sub", ["one", "bad"], ["good"]),
        helper.make_node("Concat", ["bad", "good"], ["probabilities"], axis=1),
    ]
    constants = {"place": np.array([1]), "one": np.array(1, np.float32)}
    sent = helper.make_tensor_value_info("tokens", TensorProto.INT64, ["n", "longest"])
    answered = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 2])
    export = graph(folder, nodes, sent, answered, constants)
    TextCodec(Vocabulary(["film", "good"]), ("negative", "positive")).write(export)
    return export


MAKERS = {"cats_dogs": brightness, "sar_colorization": greys, "sentiment": length}


@pytest.fixture
def platform(tmp_path: Path) -> FakePlatform:
    """A platform on which each of the models is champion."""
    platform = FakePlatform()
    for name, make in MAKERS.items():
        platform.registry.set_alias(
            name, "champion", platform.registry.register(name, "run", str(make(tmp_path / name)), {}).number
        )
    return platform


def drop(platform: FakePlatform, name: str, content: bytes = b"") -> list[object]:
    """What ingest makes of an object under `batch-input/`."""
    generation = platform.data.write(f"{ROOT}{name}", content)
    written = ObjectFinalized(
        bucket=platform.data.bucket, name=f"{ROOT}{name}", generation=generation, size=len(content)
    )
    return list(ingest(written, platform))


def scored(platform: FakePlatform, workload: str, tasks: int = 1) -> Manifest:
    """The manifest of the batch that was dropped last, scored by so many tasks."""
    batch = platform.runs.started[-1].arguments[-1]
    facts = [fact for task in range(tasks) for fact in score(platform, workload, batch, Task(task, tasks))]
    (fact,) = facts
    assert isinstance(fact, BatchScored)
    manifest = Manifest.model_validate_json(platform.store.read(batches.manifest_name(workload, batch)))
    assert (fact.rows, fact.rejected) == (manifest.rows, manifest.rejected)
    return manifest


def table(platform: FakePlatform, manifest: Manifest, kind: str = "outputs") -> list[dict[str, str]]:
    """The rows of all outputs, or rejects."""
    folder = batches.folder(manifest.workload, manifest.batch)
    texts = [platform.store.read(f"{folder}/{each.name}").decode() for each in getattr(manifest, kind)]
    return [row for text in texts for row in csv.DictReader(StringIO(text))]


def picture(grey: int, kind: str = "JPEG", size: tuple[int, int] = (80, 60)) -> bytes:
    """A picture of one shade."""
    stream = BytesIO()
    Image.new("L", size, grey).save(stream, kind)
    return stream.getvalue()


def test_a_folder_of_photos_gets_an_answer_each_and_a_reason_for_each_that_is_none(platform: FakePlatform) -> None:
    dropped = {
        "dark.jpg": picture(10),
        "outside/bright.png": picture(240, "PNG"),
        "cut-short.jpg": picture(200, size=(400, 400))[:900],
        "empty.jpg": b"",
        "page.jpg": b"<!DOCTYPE html>",
        "tiny.png": picture(9, "PNG", (8, 8)),
    }
    for name, content in dropped.items():
        assert drop(platform, f"cats_dogs/june/{name}", content) == []
    assert not platform.runs.started, "a folder waits for its marker"
    drop(platform, "cats_dogs/june/_SUCCESS")
    manifest = scored(platform, "cats_dogs")
    assert (manifest.rows, manifest.rejected) == (6, 4)
    assert manifest.files == tuple(sorted(dropped))
    answers = {row["file"]: row for row in table(platform, manifest)}
    assert {name: row["label"] for name, row in answers.items()} == {"dark.jpg": "cat", "outside/bright.png": "dog"}
    assert float(answers["outside/bright.png"]["dog_probability"]) == pytest.approx(240 / 255, abs=0.01)
    reasons = {row["name"]: row["reason"] for row in table(platform, manifest, "rejects")}
    assert set(reasons) == dropped.keys() - answers.keys()
    assert reasons["cut-short.jpg"].startswith("image is damaged (")
    assert reasons["empty.jpg"] == "image is empty; send a JPEG or PNG file"
    assert reasons["page.jpg"].startswith("image is no picture; send one of JPEG, PNG")
    assert reasons["tiny.png"] == "image is 8 × 8 pixels; send at least 16 × 16"


def test_a_folder_of_radar_images_comes_out_as_pngs_of_the_same_size_beside_a_manifest(platform: FakePlatform) -> None:
    drop(platform, "sar_colorization/june/a.png", picture(100, "PNG", (300, 270)))
    drop(platform, "sar_colorization/june/b/c.png", picture(30, "PNG", (40, 50)))
    drop(platform, "sar_colorization/june/torn.png", picture(30, "PNG")[:50])
    drop(platform, "sar_colorization/june/_SUCCESS")
    manifest = scored(platform, "sar_colorization")
    assert (manifest.rows, manifest.rejected) == (3, 1)
    assert [each.name for each in manifest.images] == ["images/image/a.png.png", "images/image/b/c.png.png"]
    for row, (grey, size) in zip(table(platform, manifest), [(100, (300, 270)), (30, (40, 50))], strict=True):
        made = Image.open(BytesIO(platform.store.read(row["image"].removeprefix("gs://local-headrace-store/"))))
        assert (made.format, made.mode, made.size) == ("PNG", "RGB", size)
        assert (int(row["width"]), int(row["height"])) == size
        assert np.unique(np.asarray(made)).tolist() == [grey]
    (reject,) = table(platform, manifest, "rejects")
    assert reject["name"] == "torn.png"


def test_a_large_folder_is_shared_by_its_tasks_and_every_picture_is_answered_once(platform: FakePlatform) -> None:
    names = [f"{number:03d}.png" for number in range(2 * PICTURES + 5)]
    for number, name in enumerate(names):
        drop(platform, f"cats_dogs/many/{name}", picture(number, "PNG", (16, 16)))
    drop(platform, "cats_dogs/many/_SUCCESS")
    manifest = scored(platform, "cats_dogs", tasks=2)
    assert [each.rows for each in manifest.outputs] == [PICTURES, PICTURES, 5]
    assert [row["file"] for row in table(platform, manifest)] == names


def test_a_lone_picture_needs_no_marker(platform: FakePlatform) -> None:
    assert drop(platform, "cats_dogs/photo.jpg", picture(250)) == []
    (row,) = table(platform, scored(platform, "cats_dogs"))
    assert (row["file"], row["label"]) == ("photo.jpg", "dog")


def test_every_line_of_a_text_file_is_answered_and_one_without_words_rejected(platform: FakePlatform) -> None:
    drop(platform, "sentiment/reviews.txt", "Bad\r\na good film\n\nvery good, “really”\n".encode())
    manifest = scored(platform, "sentiment")
    assert [(row["line"], row["label"]) for row in table(platform, manifest)] == [
        ("1", "negative"),
        ("2", "positive"),
        ("4", "positive"),
    ]
    (reject,) = table(platform, manifest, "rejects")
    assert (reject["file"], reject["line"]) == ("reviews.txt", "3")
    assert reject["reason"] == "the text is empty: there is no word or sign in it; send some"


def test_pictures_for_a_model_of_texts_are_rejected_with_what_it_asks_for(platform: FakePlatform) -> None:
    drop(platform, "sentiment/photo.jpg", picture(250))
    batch = platform.runs.started[-1].arguments[-1]
    (fact,) = score(platform, "sentiment", batch, Task(0, 1))
    assert isinstance(fact, DatasetRejected)
    assert fact.reason == (
        "the upload holds images alone, and the model asks for text; send a CSV or Parquet file with that"
    )
