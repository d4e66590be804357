import subprocess
import sys
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path, PurePosixPath
from shutil import copyfile
from time import sleep
from typing import Any

import mlflow
import numpy as np
import onnxruntime
import pytest

from headrace import catalogue, loading
from headrace.adapters import flavours
from headrace.data.folder_dataset import FolderDataset
from headrace.drift import ANSWERS, INPUTS, Profile, label_columns, profiling
from headrace.drift.describing import described_by
from headrace.models.scoring import Scorer
from headrace.policy.judging import judge
from headrace.training.folder_run import FolderRun
from headrace.workload import Arrays, BadData, Codec, Examples, Instance

CANDIDATES = [
    (name, candidate) for name in loading.names() for candidate in sorted(catalogue.describe(name).candidates)
]
KINDS: dict[str, tuple[type, ...]] = {"number": (int, float), "text": (str,), "boolean": (bool,), "image": (str,)}
HEAVY = {"sklearn", "torch", "xgboost", "pandas", "mlflow", "onnx", "transformers"}


@dataclass(frozen=True)
class Exported:
    """One candidate, trained and exported."""

    name: str
    candidate: str
    model: Any
    codec: Codec
    session: onnxruntime.InferenceSession
    examples: Examples
    curves: frozenset[str]
    folder: Path

    def run(self, inputs: Arrays) -> Arrays:
        outputs = [output.name for output in self.session.get_outputs()]
        return dict(zip(outputs, self.session.run(outputs, dict(inputs)), strict=True))

    def answers(self, instances: Sequence[Instance]) -> list[dict[str, Any]]:
        return self.codec.decode(self.run(self.codec.encode(instances)), instances)


class Splits(dict[str, Path]):
    """Each workload's sample dataset, prepared when it is first asked for."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self._factory = factory

    def __missing__(self, name: str) -> Path:
        dataset, self[name] = (self._factory.mktemp(f"{name}-{part}") for part in ("dataset", "split"))
        import_module(f"workloads.{name}.generator").sample(dataset)
        loading.training(name).prepare(FolderDataset(dataset), self[name])
        return self[name]


@pytest.fixture(scope="session")
def splits(tmp_path_factory: pytest.TempPathFactory) -> Splits:
    return Splits(tmp_path_factory)


@pytest.fixture(scope="module", params=CANDIDATES, ids=lambda pair: "-".join(pair))
def exported(request: pytest.FixtureRequest, splits: Splits, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    name, candidate = request.param
    training, serving = loading.training(name), loading.serving(name)
    params = catalogue.describe(name).candidates[candidate]
    run = FolderRun(tmp_path_factory.mktemp(f"{candidate}-run"))
    model = training.train(splits[name] / "train", params, run)
    folder = tmp_path_factory.mktemp(candidate)
    training.export(model, folder)
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    curves = frozenset(curve for point in run.curves for curve in point)
    examples = serving.examples(splits[name] / "test")
    return Exported(name, candidate, model, serving.open(folder), session, examples, curves, folder)


def _contents(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_exported_graph_answers_as_the_trained_model_does(exported: Exported) -> None:
    inputs = exported.codec.encode(exported.examples.instances)
    wanted = loading.training(exported.name).predict(exported.model, inputs)
    found = exported.run(inputs)
    assert set(found) == set(wanted)
    limit = catalogue.describe(exported.name).promotion.max_parity
    for name, array in found.items():
        assert np.abs(array.astype(float) - wanted[name].astype(float)).max() <= limit


def test_one_instance_is_answered_as_among_many(exported: Exported) -> None:
    instances = exported.examples.instances[:20]
    many = exported.answers(instances)
    alone = [exported.answers([instance])[0] for instance in instances]
    for together, single in zip(many, alone, strict=True):
        assert together == pytest.approx(single, abs=1e-5)


def test_the_example_in_the_description_is_answered(exported: Exported) -> None:
    example = catalogue.describe(exported.name).example
    (answer,) = exported.answers([example])
    assert answer


def test_instances_hold_what_the_model_asks_for(exported: Exported) -> None:
    example, fields = catalogue.describe(exported.name).example, exported.codec.fields
    assert example.keys() <= {field.name for field in fields}
    for field in fields:
        value = example.get(field.name)
        assert type(value) in KINDS[field.kind] or (value is None and not field.required)
    for instance in exported.examples.instances[:20]:
        assert {field.name for field in fields if field.required} <= instance.keys()


def test_a_field_left_out_is_refused_when_it_is_required_and_only_then(exported: Exported) -> None:
    example = catalogue.describe(exported.name).example
    for field in exported.codec.fields:
        rest = {name: value for name, value in example.items() if name != field.name}
        if field.required:
            with pytest.raises(BadData, match=field.name):
                exported.codec.encode([rest])
        else:
            exported.codec.encode([rest])


def test_the_bytes_of_a_file_are_as_good_as_their_base64(exported: Exported) -> None:
    pictures = {field.name for field in exported.codec.fields if field.kind == "image"}
    texts = exported.examples.instances[:3]
    raw = [row | {name: b64decode(row[name]) for name in pictures} for row in map(dict, texts)]
    wanted, found = exported.codec.encode(texts), exported.codec.encode(raw)
    assert all(np.array_equal(found[name], array, equal_nan=True) for name, array in wanted.items())
    assert exported.answers(raw) == exported.answers(texts)


def test_what_is_not_an_instance_is_refused_as_bad_data(exported: Exported) -> None:
    with pytest.raises(BadData):
        exported.codec.encode([{"no such field": 1}])


def test_the_policy_judges_by_scores_that_the_workload_gives(exported: Exported) -> None:
    serving, policy = loading.serving(exported.name), catalogue.describe(exported.name).promotion
    outputs = exported.run(exported.codec.encode(exported.examples.instances))
    outcomes = serving.outcomes(exported.examples.labels, outputs)
    assert all(len(column) == len(exported.examples.labels) for column in outcomes.values())
    verdict = judge(policy, serving.metrics, outcomes, outcomes, exported.examples.slices)
    assert not verdict.promoted
    assert set(policy.metrics) <= set(verdict.scores)
    assert {group.slice for group in verdict.groups} >= set(policy.slices)
    if catalogue.describe(exported.name).task == "classification":
        assert {"brier", "ece"} <= set(verdict.scores)


def test_what_became_known_later_is_data_to_train_on(exported: Exported, tmp_path: Path) -> None:
    serving, instances = loading.serving(exported.name), exported.examples.instances
    answers = exported.answers(instances)
    if not all("label" in answer for answer in answers):
        pytest.skip(f"the answers of {exported.name} carry no label")
    content = serving.labelled(serving.loggable(instances), [str(answer["label"]) for answer in answers])
    dataset = tmp_path / "dataset"
    dataset.mkdir()
    (dataset / f"feedback{catalogue.describe(exported.name).data.endings[0]}").write_bytes(content)
    assert loading.training(exported.name).prepare(FolderDataset(dataset), tmp_path / "split").train > 0


def test_what_feedback_calls_a_label_is_what_examples_have(exported: Exported) -> None:
    serving, answers = loading.serving(exported.name), exported.answers(exported.examples.instances)
    if not all("label" in answer for answer in answers):
        pytest.skip(f"the answers of {exported.name} carry no label")
    truth = label_columns(serving.truth([str(answer["label"]) for answer in answers]))
    known = label_columns(exported.examples.labels)
    assert truth.keys() == known.keys()
    for name, values in truth.items():
        assert set(values.tolist()) <= set(known[name].tolist())


def test_later_checks_have_what_they_hold_predictions_against(
    exported: Exported, splits: Splits, tmp_path: Path
) -> None:
    name, serving = exported.name, loading.serving(exported.name)
    learned = serving.examples(splits[name] / "train")
    profiling.keep(name, Scorer(name, exported.folder), learned, exported.examples, tmp_path)
    windows = Profile.read(tmp_path).windows()
    described = serving.describe(serving.loggable(learned.instances[:200]))
    windows[INPUTS].add(described, min(200, len(learned.instances)))
    assert windows[INPUTS].counts.keys() == described.keys() - set(catalogue.describe(name).drift.ignore)
    said = described_by(exported.codec, serving.loggable(exported.examples.instances[:200]))
    assert all(column.shape == (len(exported.examples.instances[:200]),) for column in said.values())
    assert not said or said.keys() <= windows[ANSWERS].reference.grids.keys()
    kept = profiling.outcomes_on_held_rows(tmp_path)
    outcomes = serving.outcomes(
        exported.examples.labels, exported.run(exported.codec.encode(exported.examples.instances))
    )
    assert serving.metrics(kept) == pytest.approx(serving.metrics(outcomes), rel=1e-3)


def test_every_file_that_draws_the_scores_has_content(exported: Exported) -> None:
    outputs = exported.run(exported.codec.encode(exported.examples.instances))
    outcomes = loading.serving(exported.name).outcomes(exported.examples.labels, outputs)
    figures = loading.training(exported.name).figures(outcomes)
    assert figures
    assert all(content for content in figures.values())


def test_the_model_is_kept_as_mlflows_flavour_of_its_library_loads_it(exported: Exported, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    native = loading.training(exported.name).keep(exported.model, kept)
    assert native is not None
    flavours.save(native, tmp_path / "native")
    assert mlflow.models.Model.load(tmp_path / "native").flavors.keys() >= {native.flavour, "python_function"}


def test_a_search_goes_by_a_curve_that_the_training_it_starts_from_draws(exported: Exported) -> None:
    search = catalogue.describe(exported.name).search
    if search and search.candidate == exported.candidate:
        assert search.metric in exported.curves


def test_slices_name_a_group_for_every_example(exported: Exported) -> None:
    for groups in exported.examples.slices.values():
        assert len(groups) == len(exported.examples.labels)


@pytest.mark.parametrize("name", loading.names())
def test_described_columns_have_one_value_an_instance(name: str, splits: Splits) -> None:
    serving = loading.serving(name)
    instances = serving.examples(splits[name] / "train").instances[:50]
    for column in serving.describe(instances).values():
        assert column.shape == (len(instances),)
        assert column.dtype == np.float64 or all(type(value) is str for value in column.tolist())


@pytest.mark.parametrize("name", loading.names())
def test_preparing_the_same_data_again_writes_the_same_bytes(name: str, splits: Splits, tmp_path: Path) -> None:
    dataset = tmp_path / "dataset"
    dataset.mkdir()
    import_module(f"workloads.{name}.generator").sample(dataset)
    loading.training(name).prepare(FolderDataset(dataset), tmp_path / "split")
    first, second = _contents(splits[name]), _contents(tmp_path / "split")
    assert first == second


class Arriving:
    """A dataset whose files arrive one by one, each in a folder of its own, a moment after it was asked for."""

    def __init__(self, whole: FolderDataset, folder: Path) -> None:
        self.names = whole.names
        self._whole, self._folder = whole, folder

    def path(self, name: str) -> Path:
        place = self.names.index(name)
        sleep(0.01 * (place % 3))
        path = self._folder / str(place) / PurePosixPath(name).name
        path.parent.mkdir()
        copyfile(self._whole.path(name), path)
        return path


@pytest.mark.parametrize("name", loading.names())
def test_files_that_arrive_while_others_are_read_give_the_same_bytes(name: str, splits: Splits, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    import_module(f"workloads.{name}.generator").sample(whole)
    loading.training(name).prepare(Arriving(FolderDataset(whole), tmp_path), tmp_path / "split")
    assert _contents(splits[name]) == _contents(tmp_path / "split")


@pytest.mark.parametrize("name", loading.names())
def test_an_empty_file_is_refused_with_its_name(name: str) -> None:
    for ending in catalogue.describe(name).data.endings:
        if not ending.endswith(".gz"):
            with pytest.raises(BadData, match=f"upload{ending}"):
                loading.intake(name).peek(f"upload{ending}", b"")


@pytest.mark.parametrize("name", loading.names())
def test_the_sample_is_accepted_at_the_door(name: str, tmp_path: Path) -> None:
    import_module(f"workloads.{name}.generator").sample(tmp_path)
    endings = catalogue.describe(name).data.endings
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert path.name.endswith(endings)
        loading.intake(name).peek(path.name, path.read_bytes()[: 1 << 20])


@pytest.mark.parametrize("name", loading.names())
@pytest.mark.parametrize(("part", "unwanted"), [("intake", HEAVY | {"numpy", "PIL"}), ("serving", HEAVY)])
def test_a_part_imports_no_more_than_it_may(name: str, part: str, unwanted: set[str]) -> None:
    code = f"import sys, workloads.{name}.{part}; print(*{{m.split('.')[0] for m in sys.modules}})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not unwanted & set(loaded)
