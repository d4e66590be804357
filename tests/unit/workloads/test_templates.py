"""What the templates make of data that is not as it should be. That they train and serve is seen in tests/flow."""

import csv
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from headrace.data.folder_dataset import FolderDataset
from headrace.workload import BadData
from workloads.template.image import dataset as image_dataset
from workloads.template.image.intake import intake as image_intake
from workloads.template.tabular import classes
from workloads.template.tabular import dataset as tabular_dataset
from workloads.template.tabular.codec import RowCodec
from workloads.template.tabular.intake import intake as tabular_intake
from workloads.template.text import dataset as text_dataset
from workloads.template.text.codec import UNKNOWN, TextCodec

TEMPLATES = Path(__file__).parents[3] / "shared" / "workloads" / "template"
KINDS = ("tabular", "text", "image")
HEADER = ["age", "months", "monthly_fee", "support_calls", "plan", "region", "left"]


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "dataset"
    folder.mkdir()
    return folder


def _write(path: Path, rows: list[list[str]], delimiter: str = ",") -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)


def _customers(total: int) -> list[list[str]]:
    return [[str(20 + n), "3", "9.5", "1", "basic", "north", ("no", "yes")[n % 2]] for n in range(total)]


def _png(colour: int) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (40, 30), (colour, 255 - colour, colour // 2)).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("name", ["classes.py", "learner.py"])
def test_what_all_classifiers_share_is_the_same_in_every_template(name: str) -> None:
    assert len({(TEMPLATES / kind / name).read_text() for kind in KINDS}) == 1


def test_every_template_has_the_same_files() -> None:
    assert len({frozenset(path.name for path in (TEMPLATES / kind).glob("*.*")) for kind in KINDS}) == 1


def test_rows_that_cannot_be_used_are_set_aside_and_counted(dataset: Path, tmp_path: Path) -> None:
    odd = [["1", "2"], ["40", "3", "9", "1", "a", "b", "maybe"], ["", "-", "NA", "", "", "?", "no"]]
    _write(
        dataset / "a.csv",
        [HEADER, *_customers(60), *odd, ["many", "3", "9", "1", "a", "b", "no"], ["few", *[""] * 5, "no"]],
        ";",
    )
    prepared = tabular_dataset.prepare(FolderDataset(dataset), tmp_path / "split")
    assert prepared.train + prepared.test == 61
    assert set(prepared.notes) == {
        "rows set aside, of more or fewer cells than the header: 1",
        "rows set aside, labelled 'maybe': 1",
        "rows set aside, without a value: 2",
        "values of age taken as missing, for they are no numbers: 2",
    }


def test_columns_may_come_in_any_order_beside_others(dataset: Path, tmp_path: Path) -> None:
    rows = [HEADER, *_customers(60)]
    _write(dataset / "a.csv", [["id", *row[::-1]] for row in rows])
    tabular_dataset.prepare(FolderDataset(dataset), tmp_path / "split")
    instances, _ = tabular_dataset.read(tmp_path / "split" / "train")
    assert instances[0].keys() == set(HEADER) - {"left"}
    assert instances[0]["plan"] == "basic"


def test_a_row_stays_in_its_split_when_others_are_added(dataset: Path, tmp_path: Path) -> None:
    parts = []
    for total in (300, 500):
        _write(dataset / "a.csv", [HEADER, *_customers(total)])
        tabular_dataset.prepare(FolderDataset(dataset), tmp_path / str(total))
        parts.append({row["age"] for row in tabular_dataset.read(tmp_path / str(total) / "test")[0]})
    assert parts[0] == {age for age in parts[1] if int(str(age)) < 320}


def test_too_few_of_a_class_are_refused_with_what_was_set_aside(dataset: Path, tmp_path: Path) -> None:
    _write(dataset / "a.csv", [HEADER, *([*row[:-1], row[-1].replace("yes", "Yes")] for row in _customers(60))])
    with pytest.raises(BadData) as refused:
        tabular_dataset.prepare(FolderDataset(dataset), tmp_path / "split")
    assert str(refused.value) == (
        "0 examples of 'yes' are too few; upload 10 at least (rows set aside, labelled 'Yes': 30)"
    )


def test_a_missing_column_is_refused_at_the_door_with_those_there_are() -> None:
    with pytest.raises(BadData, match=r"a\.csv has the columns age, city; name months, .* or edit schema\.py"):
        tabular_intake.peek("a.csv", b"age,city\n41,Bern\n")


@pytest.mark.parametrize("value", ["dear", [1], 1e300, float("inf"), {"a": 1}])
def test_what_is_no_number_is_refused_with_row_column_and_value(value: object) -> None:
    codec = RowCodec(("age",), {}, ("no", "yes"))
    with pytest.raises(BadData, match=r"row 1: age is .*, not a number"):
        codec.encode([{"age": 41}, {"age": value}])


def test_values_unknown_in_training_and_missing_ones_are_answered() -> None:
    codec = RowCodec(("age",), {"plan": {"basic": 0}}, ("no", "yes"))
    features = codec.encode([{"plan": "basic"}, {"plan": "gold", "age": "41"}])["features"]
    np.testing.assert_array_equal(features, np.array([[np.nan, 0], [41, -1]], np.float32))


def test_a_model_that_is_older_than_a_class_gives_it_nothing() -> None:
    found = classes.outcomes(np.array([0, 1]), np.array([[1.0], [1.0]]))
    assert found["given"].tolist() == [1.0, 0.0]
    assert found["predicted"].tolist() == [0, 0]


def test_skill_is_nothing_where_only_the_shares_of_the_classes_are_known() -> None:
    labels = np.array([0, 0, 0, 1])
    found = classes.scores(classes.outcomes(labels, np.tile([0.75, 0.25], (4, 1))))
    assert found["skill"] == pytest.approx(0)
    assert found["accuracy"] == 0.75
    assert found["f1"] == pytest.approx((6 / 7 + 0) / 2)


def test_texts_without_a_word_are_set_aside_and_unknown_words_answered(dataset: Path, tmp_path: Path) -> None:
    rows = [[f"text number {n}", ("negative", "positive")[n % 2]] for n in range(60)]
    _write(dataset / "a.csv", [["text", "label"], *rows, ["  ", "negative"]])
    prepared = text_dataset.prepare(FolderDataset(dataset), tmp_path / "split")
    assert prepared.notes == ["rows set aside, without a word: 1"]
    assert TextCodec({}, ("a", "b")).encode([{"text": "Hello"}, {"text": "a b"}])["tokens"].tolist() == [
        [UNKNOWN, 0],
        [UNKNOWN, UNKNOWN],
    ]


def test_damaged_and_foreign_files_among_pictures_are_set_aside_by_name(dataset: Path, tmp_path: Path) -> None:
    with ZipFile(dataset / "pictures.zip", "w") as archive:
        for number in range(60):
            archive.writestr(f"all/{('squares', 'triangles')[number % 2]}/{number}.png", _png(4 * number))
        archive.writestr("all/squares/broken.png", _png(7)[:50])
        archive.writestr("all/readme.txt", "hello")
        archive.writestr("__MACOSX/squares/._1.png", "junk")
    prepared = image_dataset.prepare(FolderDataset(dataset), tmp_path / "split")
    assert prepared.train + prepared.test == 60
    assert prepared.notes == [
        "files set aside, damaged or no pictures (1): all/squares/broken.png",
        "files set aside, in no folder of a class (1): all/readme.txt",
    ]


def test_a_picture_in_no_folder_of_a_class_is_refused_at_the_door() -> None:
    image_intake.peek("squares/1.png", b"")
    with pytest.raises(
        BadData, match=r"cats/1\.png lies in no folder of a class; put each picture into a folder named"
    ):
        image_intake.peek("cats/1.png", _png(1))
