import gzip
import random
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from headrace.data.folder_dataset import FolderDataset
from headrace.workload import BadData
from tests.unit.workloads.loans import Rows, column, csv_bytes, loans, row_set, without
from workloads.loan_default.cleaning import reader
from workloads.loan_default.schema import AFTERWARDS, FIELDS, PERSONAL
from workloads.loan_default.serving import serving
from workloads.loan_default.table import Table, feature, read_table
from workloads.loan_default.training import training

Prepare = Callable[..., Path]


def split_of(dataset: Path) -> tuple[Table, Table, list[str]]:
    folder = dataset.with_suffix(".split")
    found = training.prepare(FolderDataset(dataset), folder)
    train, test = read_table(folder / "train"), read_table(folder / "test")
    assert (found.train, found.test) == (len(train), len(test))
    return train, test, list(found.notes)


def refused(dataset: Path) -> str:
    with pytest.raises(BadData) as caught:
        training.prepare(FolderDataset(dataset), dataset.with_suffix(".split"))
    return str(caught.value)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def noted(notes: list[str], words: str) -> bool:
    return any(words in note for note in notes)


def test_only_settled_loans_are_kept_and_the_others_counted(prepared: Prepare) -> None:
    rows = loans(400)
    for row in rows[:50]:
        row["loan_status"] = "Current"
    settled = sum(row["loan_status"] in ("Fully Paid", "Charged Off") for row in rows)
    train, test, notes = split_of(prepared(a_csv=csv_bytes(rows)))
    assert len(train) + len(test) == settled
    assert noted(notes, f"{400 - settled} loans not settled yet set aside: ")


@pytest.mark.parametrize(
    ("status", "label"),
    [
        ("Default", 1),
        ("Does not meet the credit policy. Status:Charged Off", 1),
        ("Does not meet the credit policy. Status:Fully Paid", 0),
        (" charged off ", 1),
    ],
)
def test_every_way_of_being_settled_is_a_label(prepared: Prepare, status: str, label: int) -> None:
    rows = loans(300)
    before = split_of(prepared(a_csv=csv_bytes(rows)))
    odd = rows[0] | {"loan_status": status, "loan_amnt": 777}
    train, test, _ = split_of(prepared(a_csv=csv_bytes([*rows, odd])))
    assert len(train) + len(test) == len(before[0]) + len(before[1]) + 1
    labels = np.concatenate([part.y[column(part, "loan_amnt") == 777] for part in (train, test)])
    assert labels.tolist() == [label]


def test_the_same_content_gives_the_same_bytes_whatever_the_files_names_and_order(prepared: Prepare) -> None:
    rows, more = loans(300), loans(300, "2024-02")
    shuffled = random.Random(1).sample(rows + more, 600)
    reordered = [dict(reversed(row.items())) for row in shuffled]
    first = prepared(a_csv=csv_bytes(rows), b_csv=csv_bytes(more))
    second = prepared(z_csv_gz=gzip.compress(csv_bytes(reordered)))
    for dataset in (first, second):
        split_of(dataset)
    written = [contents(dataset.with_suffix(".split")) for dataset in (first, second)]
    assert len(written[0]) == 8
    assert written[0] == written[1]


def test_the_latest_months_are_the_test_set(prepared: Prepare) -> None:
    files = {f"m{number}_csv": csv_bytes(loans(150, f"2024-0{number}", number)) for number in range(1, 6)}
    train, test, notes = split_of(prepared(**files))
    assert train.issued.max() < test.issued.min()
    assert 0.1 < len(test) / (len(train) + len(test)) < 0.35
    assert noted(notes, "granted from May-2024 to May-2024")


def test_without_issue_d_a_row_falls_in_the_same_split_in_every_version(prepared: Prepare) -> None:
    rows = without(loans(400), "issue_d")
    small = split_of(prepared(a_csv=csv_bytes(rows)))[1]
    large = split_of(prepared(a_csv=csv_bytes(without(loans(400, "2024-02"), "issue_d") + rows)))[1]
    assert row_set(small) <= row_set(large)
    assert len(large) > len(small)


def test_no_loan_is_in_both_splits(prepared: Prepare) -> None:
    rows = without(loans(400), "issue_d")
    train, test, _ = split_of(prepared(a_csv=csv_bytes(rows * 2)))
    assert not row_set(train) & row_set(test)


def test_one_month_is_split_by_hash_and_said_so(prepared: Prepare) -> None:
    train, test, notes = split_of(prepared(a_csv=csv_bytes(loans(600))))
    assert 0.15 < len(test) / (len(train) + len(test)) < 0.3
    assert noted(notes, "issue_d spans too few months")


def test_what_the_data_lacks_is_said(prepared: Prepare) -> None:
    rows = without(loans(400), "int_rate", "grade", "issue_d")
    train, _, notes = split_of(prepared(a_csv=csv_bytes(rows)))
    assert noted(notes, "do without int_rate, grade")
    assert noted(notes, "there is no issue_d")
    assert "grade" not in {field.name for field in train.fields}


def test_columns_that_leak_the_label_or_are_personal_are_dropped_and_said(prepared: Prepare) -> None:
    train, _, notes = split_of(prepared(a_csv=csv_bytes(loans(400))))
    assert not (PERSONAL | AFTERWARDS) & {field.name for field in train.fields}
    assert noted(notes, "columns dropped as known only after the loan was granted: ")
    assert noted(notes, "7 columns dropped as personal: desc, emp_title, id, ")


def test_a_thousand_empty_columns_beside_the_known_ones_change_nothing(prepared: Prepare) -> None:
    rows = loans(300)
    wide = [row | {f"c{number}": "" for number in range(1000)} for row in rows]
    plain = split_of(prepared(a_csv=csv_bytes(rows)))[0]
    train, _, notes = split_of(prepared(a_csv=csv_bytes(wide)))
    assert np.array_equal(train.x, plain.x, equal_nan=True)
    assert noted(notes, "1000 columns dropped as unknown")


def test_faulty_lines_are_set_aside_with_a_count(prepared: Prepare) -> None:
    lines = csv_bytes(loans(400)).splitlines(keepends=True)
    faulty = [lines[0], b"Total amount funded in policy code 1: 460296150\n", b"a\0b\n", b"\xff\xfe\n"]
    train, test, notes = split_of(prepared(a_csv=b"".join(lines[:200] + faulty + lines[200:])))
    assert noted(notes, "4 lines set aside: 1 not UTF-8, 1 ragged, 1 repeated header, 1 with NUL bytes")
    assert len(train) + len(test) > 380


def test_more_faulty_lines_than_a_tenth_are_refused(prepared: Prepare) -> None:
    text = csv_bytes(loans(300)) + b"only,three,cells\n" * 40
    assert "lines cannot be used (3" in refused(prepared(a_csv=text))


def test_cells_that_cannot_be_read_count_as_missing(prepared: Prepare) -> None:
    rows = loans(300)
    rows[3]["dti"], rows[4]["annual_inc"] = "lots", "inf"
    _, _, notes = split_of(prepared(a_csv=csv_bytes(rows)))
    assert noted(notes, "2 values unreadable, taken as missing: 1 annual_inc, 1 dti")


def test_a_column_that_is_mostly_unreadable_is_refused_by_name(prepared: Prepare) -> None:
    rows = [row | {"annual_inc": "secret"} for row in loans(300)]
    assert "values of annual_inc cannot be read" in refused(prepared(a_csv=csv_bytes(rows)))


def _with_status(rows: Rows, status: str) -> bytes:
    return csv_bytes([row | {"loan_status": status} for row in rows])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (_with_status(loans(300), "Current"), "no loan is settled: loan_status is Current"),
        (_with_status(loans(300), "Fully Paid"), "all 300 settled loans were paid back; a model needs both kinds"),
        (_with_status(loans(300), "Charged Off"), "all 300 settled loans were charged off"),
        (csv_bytes(loans(100)), "are too few; upload at least 200, 20 of each kind"),
        (b"", "is empty"),
        (csv_bytes(loans(1)).splitlines(keepends=True)[0], "no loan is settled: loan_status is never given"),
    ],
)
def test_data_that_no_honest_model_can_come_of_is_refused(prepared: Prepare, content: bytes, sentence: str) -> None:
    assert sentence in refused(prepared(a_csv=content))


def test_columns_without_any_value_are_no_columns(prepared: Prepare) -> None:
    keep = {"loan_amnt", "term", "annual_inc", "loan_status"}
    rows = [{name: value if name in keep else "" for name, value in row.items()} for row in loans(300)]
    assert "only 3 columns that a model can use hold any value" in refused(prepared(a_csv=csv_bytes(rows)))


def test_a_folder_without_csv_is_refused(prepared: Prepare) -> None:
    assert "holds no .csv" in refused(prepared(notes=b"hello"))


def test_a_damaged_gzip_file_is_refused(prepared: Prepare) -> None:
    packed = gzip.compress(csv_bytes(loans(400)))
    assert "cannot be unpacked" in refused(prepared(a_csv_gz=packed[: len(packed) // 2]))


@pytest.mark.parametrize("garbage", [b"x" * (1 << 20), b'a,"b\n' * (1 << 18), bytes(range(1, 256)) * (1 << 12)])
def test_garbage_below_a_good_header_is_refused_without_being_loaded(tmp_path: Path, garbage: bytes) -> None:
    dataset = tmp_path / "dataset"
    dataset.mkdir()
    with (dataset / "loans.csv").open("wb") as file:
        file.write(csv_bytes(loans(300)))
        for _ in range(100):
            file.write(garbage)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "lines cannot be used" in refused(dataset)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000
    shutil.rmtree(dataset)


def test_the_examples_are_what_a_client_would_send(split: Path) -> None:
    examples = serving.examples(split / "test")
    assert len(examples.instances) == len(examples.labels) > 100
    assert all(value is not None and value == value for row in examples.instances for value in row.values())
    stored = read_table(split / "test")
    for place, row in enumerate(examples.instances[:50]):
        values = np.array([[reader(field)(row.get(field.name)) for field in FIELDS]])
        again = [feature(values, field)[0] for field in stored.fields]
        assert np.array_equal(np.array(again, np.float32), stored.x[place], equal_nan=True)


def test_examples_may_be_looked_at_in_any_order(split: Path) -> None:
    instances = serving.examples(split / "train").instances
    everything = list(instances)
    assert everything == instances[:] == [*instances[:300], *instances[300:]]
    assert [instances[place] for place in (5, -1, 700, 6)] == [everything[place] for place in (5, -1, 700, 6)]
    with pytest.raises(IndexError):
        instances[len(everything)]


def test_numbers_are_spelled_as_they_were_written(prepared: Prepare) -> None:
    rows = loans(400)
    train, _, _ = split_of(dataset := prepared(a_csv=csv_bytes(rows)))
    written = {row["installment"] for row in rows}
    instances = serving.examples(dataset.with_suffix(".split") / "train").instances
    assert len(train) == len(instances)
    assert {row["installment"] for row in instances} <= written


def test_examples_are_sliced_by_grade_and_term(split: Path) -> None:
    slices = serving.examples(split / "test").slices
    assert set(slices) == {"grade", "term"}
    assert set(slices["term"].tolist()) == {"36 months", "60 months"}
    assert set(slices["grade"].tolist()) <= set("ABCDEFG")
