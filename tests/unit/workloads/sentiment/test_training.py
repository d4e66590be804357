from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest
import torch

from headrace.data.folder_dataset import FolderDataset
from headrace.training.folder_run import FolderRun
from headrace.workload import Arrays, BadData, Codec, Interrupted
from workloads.sentiment.generator import write
from workloads.sentiment.serving import serving
from workloads.sentiment.training import Model, training

Floats = npt.NDArray[np.float32]

PARAMS = {
    "embedding": 32, "hidden": 24, "epochs": 4, "batch_size": 25, "clip": 1.0, "threads": 1, "loaders": 0,
    "learning_rate": 0.006, "dropout": 0.2, "word_dropout": 0.1, "precision": "32-true",
}  # fmt: skip


def train(split: Path, folder: Path, **params: object) -> Model:
    model = training.train(split / "train", PARAMS | params, FolderRun(folder))
    assert isinstance(model, Model)
    return model


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A split of few texts, for what does not depend on how much is learned."""
    dataset, folder = tmp_path_factory.mktemp("few"), tmp_path_factory.mktemp("few-split")
    write(dataset / "a.csv", "csv", 400)
    training.prepare(FolderDataset(dataset), folder)
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> FolderRun:
    return FolderRun(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def model(split: Path, run: FolderRun) -> Model:
    found = training.train(split / "train", PARAMS, run)
    assert isinstance(found, Model)
    return found


@pytest.fixture(scope="module")
def export(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "deep"
    training.export(model, folder)
    return folder


@pytest.fixture(scope="module")
def session(export: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(export / "model.onnx", providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module")
def codec(export: Path) -> Codec:
    return serving.open(export)


def trained(model: Model, inputs: Arrays) -> Floats:
    return cast(Floats, training.predict(model, inputs)["probabilities"])


def probabilities(session: onnxruntime.InferenceSession, inputs: Arrays) -> Floats:
    found: Floats = session.run(["probabilities"], dict(inputs))[0]
    return found


def good(codec: Codec, session: onnxruntime.InferenceSession, text: str) -> float:
    return float(probabilities(session, codec.encode([{"text": text}]))[0, 1])


def test_a_trained_model_knows_good_from_bad(split: Path, model: Model, codec: Codec) -> None:
    examples = serving.examples(split / "test")
    outputs = training.predict(model, codec.encode(examples.instances))
    scores = serving.metrics(serving.outcomes(examples.labels, outputs))
    assert scores["accuracy"] > 0.9
    assert scores["auc"] > 0.93


def test_it_reads_the_order_of_words(codec: Codec, session: onnxruntime.InferenceSession) -> None:
    pairs = [
        ("The film is boring but the acting is superb.", "The acting is superb but the film is boring."),
        ("The plot is dull but I loved the music.", "I loved the music but the plot is dull."),
        ("The cast is awful but the story is moving.", "The story is moving but the cast is awful."),
    ]
    better = [good(codec, session, first) - good(codec, session, second) for first, second in pairs]
    assert min(better) > 0.2


@pytest.mark.parametrize("count", [1, 7])
@pytest.mark.parametrize("length", [1, 2, 60, 400])
def test_the_graph_answers_as_the_network_whatever_the_shape(
    model: Model, session: onnxruntime.InferenceSession, count: int, length: int
) -> None:
    random = np.random.default_rng(length)
    tokens = random.integers(1, len(model.vocabulary), (count, length))
    for row in tokens[1:]:
        row[random.integers(1, length + 1) :] = 0
    wanted = trained(model, {"tokens": tokens})
    found = probabilities(session, {"tokens": tokens})
    assert found.shape == (count, 2)
    assert np.abs(found - wanted).max() < 1e-5
    assert np.allclose(found.sum(axis=1), 1)


def test_padding_never_changes_an_answer(model: Model, session: onnxruntime.InferenceSession) -> None:
    row = np.random.default_rng(0).integers(1, len(model.vocabulary), (1, 9))
    wider = np.pad(row, ((0, 0), (0, 51)))
    for answer in (partial(probabilities, session), partial(trained, model)):
        assert np.abs(answer({"tokens": row}) - answer({"tokens": wider})).max() < 1e-5


def test_a_text_alone_is_answered_as_among_longer_ones(
    split: Path, codec: Codec, session: onnxruntime.InferenceSession
) -> None:
    instances = [*serving.examples(split / "test").instances[:30], {"text": "xyzzy"}, {"text": "not good " * 150}]
    together = probabilities(session, codec.encode(instances))
    alone = np.concatenate([probabilities(session, codec.encode([instance])) for instance in instances])
    assert np.abs(together - alone).max() < 1e-5


def test_the_same_seed_gives_the_same_model_and_another_another(few: Path, model: Model, tmp_path: Path) -> None:
    tokens = np.arange(1, 41).reshape(4, 10)
    answers = [
        training.predict(train(few, tmp_path / str(place), seed=seed, epochs=1), {"tokens": tokens})["probabilities"]
        for place, seed in enumerate((0, 0, 1))
    ]
    assert np.array_equal(answers[0], answers[1])
    assert not np.allclose(answers[0], answers[2])


def test_each_epoch_is_judged_on_held_out_texts(run: FolderRun) -> None:
    assert [point["step"] for point in run.curves] == [1, 2, 3, 4]
    assert run.curves[-1]["validation_loss"] < run.curves[0]["validation_loss"]
    assert run.curves[-1]["validation_accuracy"] > 0.9


def test_a_training_that_is_interrupted_ends_as_if_it_were_not(few: Path, tmp_path: Path) -> None:
    class Stopped(FolderRun):
        steps = 0

        @property
        def stopping(self) -> bool:
            self.steps += 1
            return self.steps == 18

        @stopping.setter
        def stopping(self, value: bool) -> None: ...

    params = PARAMS | {"epochs": 2}
    whole = training.train(few / "train", params, FolderRun(tmp_path / "whole"))
    with pytest.raises(Interrupted):
        training.train(few / "train", params, Stopped(tmp_path / "parts"))
    resumed = training.train(few / "train", params, FolderRun(tmp_path / "parts"))
    states = [each.network.state_dict() for each in (whole, resumed)]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_words_start_from_the_vectors_that_are_supplied(few: Path, tmp_path: Path) -> None:
    glove = tmp_path / "glove.txt"
    lines = [
        "2 3",
        "film 0.5 -0.25 1.5",
        "superb 1 2 3",
        "at example 9 9 9",
        "unheard-of 7 7 7",
        "film 4 4 4",
        "acting 5",
    ]
    glove.write_text("\n".join(lines) + "\n", "utf-8")
    said: list[str] = []
    run = FolderRun(tmp_path / "run", said.append)
    params = PARAMS | {"glove": str(glove), "learning_rate": 1e-9, "weight_decay": 0, "epochs": 1}
    model = training.train(few / "train", params, run)
    weights, token = model.network.classifier.embedding.weight, model.vocabulary.token
    assert weights.shape[1] == 3
    assert weights[token("film")].tolist() == pytest.approx([0.5, -0.25, 1.5], abs=1e-5)
    assert weights[token("superb")].tolist() == pytest.approx([1, 2, 3], abs=1e-5)
    assert said[0].endswith(f"2 of {len(model.vocabulary.words):,} words start from glove.txt, 3 numbers each")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "there is no such file"),
        ("", "none of the"),
        ("qwertz 1 2 3\n", "is it a text file in GloVe's format?"),
        ("film one two three\n", "the vector of 'film' in glove.txt is not made of numbers"),
    ],
)
def test_vectors_that_are_none_are_refused(few: Path, tmp_path: Path, content: str | None, reason: str) -> None:
    glove = tmp_path / "glove.txt"
    if content is not None:
        glove.write_text(content, "utf-8")
    with pytest.raises(BadData, match=reason.replace("?", r"\?")):
        train(few, tmp_path / "run", glove=str(glove))


def test_a_smaller_vocabulary_keeps_the_commonest_words(few: Path, tmp_path: Path) -> None:
    model = train(few, tmp_path, vocabulary=50, epochs=1)
    assert len(model.vocabulary.words) == 50
    assert "the" in model.vocabulary.words


@pytest.mark.parametrize(
    ("wrong", "named"),
    [({"hiden": 3}, "hiden is 3"), ({"dropout": 1.5}, "dropout is 1.5"), ({"epochs": 0}, "epochs is 0")],
)
def test_a_wrong_parameter_is_refused_by_name(few: Path, tmp_path: Path, wrong: Mapping[str, Any], named: str) -> None:
    with pytest.raises(BadData, match=named):
        train(few, tmp_path, **wrong)


def test_what_is_kept_are_weights_that_load_without_a_pickle(model: Model, tmp_path: Path) -> None:
    native = training.keep(model, tmp_path)
    assert native is not None
    weights = torch.load(tmp_path / "weights.pt", weights_only=True)
    assert set(weights) == set(model.network.classifier.state_dict())
    assert native.flavour == "pytorch"
    assert native.model(*(torch.from_numpy(array) for array in native.example.values())).shape == (2, 2)


def test_figures_are_a_confusion_matrix_and_a_roc_curve() -> None:
    outcomes = {"p": np.array([0.9, 0.8, 0.3, 0.1, 0.6]), "y": np.array([True, True, True, False, False])}
    figures = {name: content.decode().splitlines() for name, content in training.figures(outcomes).items()}
    assert figures["confusion.csv"] == ["actual,predicted,texts", "0,0,1", "0,1,1", "1,0,1", "1,1,2"]
    header, first, *_, last = figures["roc.csv"]
    assert header == "threshold,fpr,tpr"
    assert first == "0.9,0,0.333333"
    assert last == "0.1,1,1"


def test_a_roc_curve_has_few_points_however_many_texts_there_are() -> None:
    p = np.random.default_rng(0).random(10_000)
    lines = training.figures({"p": p, "y": p > 0.4})["roc.csv"].decode().splitlines()
    assert 100 < len(lines) <= 201
