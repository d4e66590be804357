import random
import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from headrace.data.folder_dataset import FolderDataset
from headrace.workload import BadData, Prepared
from tests.unit.workloads.synth_tabular.tables import Table, table, write_csv, write_parquet
from workloads.synth_tabular.dataset import Rows
from workloads.synth_tabular.scaling import read_scaling
from workloads.synth_tabular.training import training


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "dataset"
    folder.mkdir()
    return folder


def split_of(dataset: Path) -> tuple[Rows, Rows, Prepared]:
    folder = dataset.with_name(f"{dataset.name}-split")
    found = training.prepare(FolderDataset(dataset), folder)
    train, test = Rows.read(folder / "train"), Rows.read(folder / "test")
    assert (found.train, found.test) == (len(train.y), len(test.y))
    return train, test, found


def refused(dataset: Path) -> str:
    with pytest.raises(BadData) as caught:
        training.prepare(FolderDataset(dataset), dataset.with_name("refused"))
    return str(caught.value)


def noted(found: Prepared, words: str) -> bool:
    return any(words in note for note in found.notes)


def contents(dataset: Path) -> dict[str, bytes]:
    split_of(dataset)
    folder = dataset.with_name(f"{dataset.name}-split")
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_row_is_in_one_split_with_its_class(dataset: Path) -> None:
    columns = table()
    write_parquet(dataset / "a.parquet", columns)
    train, test, _ = split_of(dataset)
    assert train.features == ("height", "noise", "width")
    assert train.classes == ("low", "mid", "top")
    found = {
        (train.classes[y], *x) for part in (train, test) for x, y in zip(part.x.tolist(), part.y.tolist(), strict=True)
    }
    single = [np.array(columns[name], np.float32).tolist() for name in train.features]
    assert found == set(zip(columns["label"], *single, strict=True))
    assert 0.1 < len(test.y) / 300 < 0.3


def test_csv_and_parquet_in_any_files_and_order_give_the_same_bytes(tmp_path: Path) -> None:
    columns = table(400)
    write_csv(tmp_path / "one" / "all.csv", columns)
    order = random.Random(1).sample(range(400), 400)
    halves = [{name: [columns[name][place] for place in part] for name in ("noise", "label", "width", "height")}
              for part in (order[:150], order[150:])]  # fmt: skip
    write_parquet(tmp_path / "two" / "z.parquet", halves[0])
    write_csv(tmp_path / "two" / "deep" / "a.csv", halves[1])
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_row_stays_in_its_split_when_more_come(tmp_path: Path) -> None:
    columns, more = table(300), table(300, seed=1)
    write_csv(tmp_path / "small" / "a.csv", columns)
    write_csv(tmp_path / "large" / "a.csv", columns)
    write_csv(tmp_path / "large" / "b.csv", more)
    small, large = (split_of(tmp_path / name)[1] for name in ("small", "large"))
    assert set(map(tuple, small.x.tolist())) < set(map(tuple, large.x.tolist()))


def test_many_parts_are_put_together_in_order(dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_csv(dataset / "a.csv", table(500))
    parted = contents(dataset)
    monkeypatch.setattr("workloads.synth_tabular.spool.PARTS", 1)
    whole = dataset.with_name("whole")
    dataset.rename(whole)
    assert contents(whole) == parted


def test_numbers_of_any_type_are_read(dataset: Path) -> None:
    columns = table() | {"count": list(range(300)), "flag": [True, False] * 150, "price": [Decimal("1.25")] * 300}
    types = {"count": pa.int64(), "noise": pa.float32(), "price": pa.decimal128(9, 2)}
    write_parquet(dataset / "a.parquet", columns, **types)
    train, _, _ = split_of(dataset)
    count, flag = (train.x[:, train.features.index(name)] for name in ("count", "flag"))
    assert np.array_equal(count % 2 == 0, flag == 1)
    assert set(train.x[:, train.features.index("price")].tolist()) == {1.25}


@pytest.mark.parametrize(
    ("labels", "kind", "classes"),
    [
        ([7, 12], pa.int32(), ("12", "7")),
        ([1.0, 2.0], pa.float64(), ("1", "2")),
        ([True, False], pa.bool_(), ("false", "true")),
        (["b ", " a"], pa.string(), ("a", "b")),
        (["b", "a"], pa.dictionary(pa.int8(), pa.string()), ("a", "b")),
        (["b", "a"], pa.large_string(), ("a", "b")),
        (["b", "a"], pa.string_view(), ("a", "b")),
    ],
)
def test_classes_may_be_texts_whole_numbers_and_truths(
    dataset: Path, labels: list[Any], kind: pa.DataType, classes: tuple[str, ...]
) -> None:
    write_parquet(dataset / "a.parquet", table(200) | {"label": labels * 100}, label=kind)
    assert split_of(dataset)[0].classes == classes


def test_the_scaling_is_of_the_train_split_and_skips_what_is_missing(dataset: Path) -> None:
    columns = table(500)
    columns["height"][::7] = [None] * len(columns["height"][::7])
    write_csv(dataset / "a.csv", columns)
    train, _, found = split_of(dataset)
    mean, deviation = read_scaling(dataset.with_name("dataset-split") / "train")
    assert np.isnan(train.x).sum() > 50
    assert np.allclose(mean, np.nanmean(train.x.astype(np.float64), 0))
    assert np.allclose(deviation, np.nanstd(train.x.astype(np.float64), 0))
    assert not noted(found, "mostly missing")


def test_what_cannot_help_is_said_by_name(dataset: Path) -> None:
    columns = table() | {"same": [0.1] * 300, "none": [None] * 300, "seldom": [1.0, 2.0, *[None] * 298]}
    write_csv(dataset / "a.csv", columns)
    _, _, found = split_of(dataset)
    assert noted(found, "columns of one value only, which cannot help: 'same'")
    assert noted(found, "columns without any value, which cannot help: 'none'")
    assert noted(found, "columns that are mostly missing, and then taken for their mean: 'seldom'")
    mean, deviation = read_scaling(dataset.with_name("dataset-split") / "train")
    assert np.isfinite(mean).all()
    assert (deviation > 0).all()


def test_rows_without_a_class_are_set_aside_with_their_places(dataset: Path) -> None:
    columns = table(300)
    columns["label"][4], columns["label"][9] = None, "  "
    write_csv(dataset / "a.csv", columns)
    train, test, found = split_of(dataset)
    assert noted(found, "2 rows without a class set aside: row 5 of a.csv, row 10 of a.csv")
    assert len(train.y) + len(test.y) == 298


def test_classes_too_rare_to_learn_are_set_aside_with_their_counts(dataset: Path) -> None:
    columns = table(300)
    columns["label"][:3] = ["lwo", "lwo", "tpo"]
    write_csv(dataset / "a.csv", columns)
    train, test, found = split_of(dataset)
    assert noted(found, "3 rows of classes too rare to learn set aside: 2 of 'lwo', 1 of 'tpo'")
    assert train.classes == test.classes == ("low", "mid", "top")
    assert len(train.y) + len(test.y) == 297


def test_repeats_are_counted_and_stay_together(dataset: Path) -> None:
    columns = table(200)
    write_csv(dataset / "a.csv", {name: cells * 2 for name, cells in columns.items()})
    train, test, found = split_of(dataset)
    assert noted(found, "200 rows are repeats of others")
    assert not set(map(tuple, train.x.tolist())) & set(map(tuple, test.x.tolist()))


def _with(name: str, row: int, value: Any) -> Table:
    columns = table()
    columns[name][row - 1] = value
    return columns


@pytest.mark.parametrize("value", ["tall", "nan", "inf", "-Infinity", "1e39", "1,5", "12 cm", "True"])
def test_what_is_no_number_in_a_csv_is_named_with_its_row(dataset: Path, value: str) -> None:
    write_csv(dataset / "a.csv", _with("height", 17, f'"{value}"'))
    assert "in row 17 of the column 'height', which is not a finite number; correct it" in refused(dataset)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e39])
def test_what_is_no_number_in_parquet_is_named_with_its_row(dataset: Path, value: float) -> None:
    write_parquet(dataset / "a.parquet", _with("noise", 250, value))
    assert refused(dataset).startswith(f"a.parquet has {value!r} in row 250 of the column 'noise'")


def _without(*names: str) -> Table:
    return {name: cells for name, cells in table().items() if name not in names}


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (_without("label"), "a.csv has no column 'label' but 'height', 'width', 'noise'; name the column"),
        (_without("height", "width", "noise"), "a.csv has no column beside 'label'; add the numbers"),
        (table() | {" ": [1.0] * 300}, "a column without a name, number 5"),
        (table(300, classes=("only",)), "every row is of the class 'only'; a model needs rows of others too"),
        (table(60), "60 rows are too few"),
        (table() | {"label": [None] * 300}, "no row has a class: the column 'label' is empty throughout"),
        (
            table(2000) | {"label": [f"row{n}" for n in range(2000)]},
            "more than 1,000 classes in 'label', such as 'row0'",
        ),
        (table() | {"label": ["x" * 101, "y"] * 150}, "a class of 101 characters ('xxxx"),
        ({name: cells[:1] * 300 for name, cells in table().items()} | {"label": ["a", "b"] * 150}, "most rows equal"),
    ],
)
def test_tables_that_no_honest_model_can_come_of_are_refused(dataset: Path, columns: Table, sentence: str) -> None:
    write_csv(dataset / "a.csv", columns)
    assert sentence in refused(dataset)


def test_two_columns_of_one_name_are_refused(dataset: Path) -> None:
    (dataset / "a.csv").write_text("a,a,label\n1,2,x\n")
    assert "several columns named 'a'" in refused(dataset)


def test_files_with_other_columns_are_refused(dataset: Path) -> None:
    write_csv(dataset / "a.csv", table())
    write_csv(dataset / "b.csv", _without("noise") | {"depth": [1.0] * 300})
    assert refused(dataset) == (
        "b.csv has other columns than a.csv: without 'noise', with 'depth' beside; give all files the same"
    )


def test_a_row_of_another_length_is_refused_with_its_number(dataset: Path) -> None:
    write_csv(dataset / "a.csv", table())
    with (dataset / "a.csv").open("a") as file:
        file.write("low,1,2\n")
    assert refused(dataset) == "a.csv has 3 values in row 301, but 4 columns"


def test_columns_of_text_are_refused_by_name(dataset: Path) -> None:
    write_parquet(dataset / "a.parquet", table() | {"city": ["Rome", "Oslo"] * 150})
    assert "a.parquet has columns that hold no numbers ('city'; the first is of type string)" in refused(dataset)


def test_a_label_with_fractions_is_refused(dataset: Path) -> None:
    write_parquet(dataset / "a.parquet", table() | {"label": [0.5, 1.0] * 150})
    assert "a.parquet has the 'label' 0.5; a class is a text or a whole number" in refused(dataset)


@pytest.mark.parametrize("keep", [100, -100])
def test_a_damaged_parquet_file_is_refused_by_name(dataset: Path, keep: int) -> None:
    write_parquet(dataset / "a.parquet", table())
    path = dataset / "a.parquet"
    path.write_bytes(path.read_bytes()[:keep])
    assert refused(dataset).startswith("a.parquet cannot be read as Parquet: ")


def test_a_dataset_without_tables_is_refused(dataset: Path) -> None:
    (dataset / "notes.txt").write_text("hello")
    assert refused(dataset) == "the dataset holds no .csv and no .parquet file; upload one"


def test_a_table_is_prepared_in_less_memory_than_it_fills(dataset: Path) -> None:
    rows, columns = 800_000, 20
    _write_large(dataset / "a.parquet", rows, columns)
    pool = pa.default_memory_pool()
    pa.set_memory_pool(counted := pa.proxy_memory_pool(pool))
    tracemalloc.start()
    try:
        train, test, _ = split_of(dataset)
        used = tracemalloc.get_traced_memory()[1] + counted.max_memory()
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(pool)
    assert len(train.y) + len(test.y) == rows
    assert used < rows * columns * 4


def _write_large(path: Path, rows: int, columns: int) -> None:
    random = np.random.default_rng(0)
    labels = pa.DictionaryArray.from_arrays(random.integers(0, 2, rows).astype(np.int8), ["a", "b"])
    arrays = [labels, *(random.standard_normal(rows).astype(np.float32) for _ in range(columns))]
    names = ["label", *(f"f{number}" for number in range(columns))]
    parquet.write_table(pa.table(arrays, names), path, row_group_size=50_000)
