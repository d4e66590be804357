import csv
import gzip
from collections.abc import Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from headrace.data import datasets
from headrace.data.datasets import File
from headrace.workload import BadData, Field
from services.batch_inference.inputs import blocks
from services.batch_inference.inputs import pictures as module_of_pictures
from services.batch_inference.inputs.delimited import Delimited, Lines
from services.batch_inference.inputs.parquet import Parquet
from services.batch_inference.inputs.pictures import Pictures
from services.batch_inference.inputs.rows import Reader, Row, only
from tests.fakes import FakeClock, FakeObjects

FIELDS = (Field("a", "text"), Field("b", "text", required=False))
WHOLE = 1 << 20

cell = st.text(st.sampled_from('xyz é,"\n\r'), max_size=6)
tables = st.lists(st.tuples(cell, cell), max_size=12)
endings = st.sampled_from(["\n", "\r\n", "\r"])
sizes, tasks = st.integers(1, 64), st.integers(1, 4)


def shared(reader: Reader, task: int, of: int) -> list[Row]:
    """What one of several tasks reads."""
    return [row for stretch in reader.stretches() if stretch.number % of == task for row in stretch.rows()]


def delimited(content: bytes, size: int = WHOLE, name: str = "x.csv") -> Delimited:
    return Delimited(name, BytesIO(content), FIELDS, size)


def read(content: bytes, size: int = WHOLE, name: str = "x.csv") -> list[Row]:
    return shared(delimited(content, size, name), 0, 1)


def written(table: Sequence[tuple[str, str]], ending: str) -> str:
    """Python's writer takes an end of line that is not its own for a plain letter unless it quotes every cell."""
    text = StringIO()
    quoting: Literal[0, 1] = (
        csv.QUOTE_ALL if any({*"\r\n"} & {*cell} for row in table for cell in row) else csv.QUOTE_MINIMAL
    )
    csv.writer(text, lineterminator=ending, quoting=quoting).writerows([("a", "b"), *table])
    return text.getvalue()


def refusal(reader: Reader) -> str:
    with pytest.raises(BadData) as caught:
        shared(reader, 0, 1)
    return str(caught.value)


@settings(deadline=None)
@given(tables, endings, sizes, tasks, st.booleans(), st.booleans(), st.booleans())
def test_every_row_of_a_csv_is_read_by_exactly_one_task_as_it_was_written(
    table: list[tuple[str, str]], ending: str, size: int, count: int, marked: bool, packed: bool, closed: bool
) -> None:
    text = written(table, ending)
    content = ("\ufeff" if marked else "").encode() + (text if closed else text.removesuffix(ending)).encode()
    name = "x.csv.gz" if packed else "x.csv"
    content = gzip.compress(content, mtime=0) if packed else content
    found = [row for task in range(count) for row in shared(delimited(content, size, name), task, count)]
    found.sort(key=lambda row: int(row.key))
    assert [row.instance for row in found] == [{"a": a or None, "b": b or None} for a, b in table]
    assert len({row.key for row in found}) == len(found)


@settings(deadline=None)
@given(tables, endings)
def test_a_row_is_called_by_the_line_on_which_it_begins(table: list[tuple[str, str]], ending: str) -> None:
    text = written(table, ending)
    lines = list(StringIO(text, newline=""))
    for row in read(text.encode()):
        (cells,) = csv.reader([*_record(lines, int(row.key))])
        assert row.instance == {"a": cells[0] or None, "b": cells[1] or None}


def _record(lines: list[str], first: int) -> list[str]:
    """The lines of the record that begins on a line."""
    for last in range(first, len(lines) + 1):
        if "".join(lines[first - 1 : last]).count('"') % 2 == 0:
            return lines[first - 1 : last]
    raise AssertionError(f"no record begins on line {first}")


@settings(deadline=None)
@given(st.text(st.sampled_from('xy,"\n\ré'), max_size=80), sizes)
def test_rows_are_the_same_wherever_a_file_is_cut_however_broken_it_is(text: str, size: int) -> None:
    content = f"a,b\n{text}".encode()
    assert read(content, size) == read(content)


@settings(deadline=None)
@given(st.binary(max_size=60), sizes)
def test_bytes_that_are_no_text_are_rows_with_a_reason_and_never_stop_the_others(noise: bytes, size: int) -> None:
    content = b"a,b\n1,2\n" + noise
    found = read(content, size)
    assert found == read(content)
    assert found[0] == Row(2, {"a": "1", "b": "2"})


@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from('xy "é\x85'), max_size=8), min_size=1), endings, sizes, tasks)
def test_every_line_of_a_text_is_read_by_exactly_one_task(texts: list[str], ending: str, size: int, count: int) -> None:
    content = ending.join(texts).encode()
    parts = [shared(Lines("x.txt", BytesIO(content), "text", size), task, count) for task in range(count)]
    found = sorted((row for part in parts for row in part), key=lambda row: int(row.key))
    expected = texts[:-1] if texts[-1] == "" else texts
    assert [(row.key, row.instance) for row in found] == [(n, {"text": text}) for n, text in enumerate(expected, 1)]


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(1, 7), tasks)
def test_every_row_of_a_parquet_file_is_read_by_exactly_one_task(groups: list[int], size: int, count: int) -> None:
    rows, stream = sum(groups), BytesIO()
    table = pyarrow.table({"a": [f"r{n}" for n in range(rows)], "other": range(rows)})
    with parquet.ParquetWriter(stream, table.schema) as writer:
        for place, group in enumerate(groups):
            writer.write_table(table.slice(sum(groups[:place]), group))
    parts = [shared(Parquet("x.parquet", stream, FIELDS, size), task, count) for task in range(count)]
    found = sorted((row for part in parts for row in part), key=lambda row: int(row.key))
    assert [(row.key, row.instance) for row in found] == [(n + 1, {"a": f"r{n}"}) for n in range(rows)]


def test_missing_values_of_parquet_are_missing_and_dates_are_texts() -> None:
    stream = BytesIO()
    table = pyarrow.table(
        {"a": pyarrow.array([np.nan, None, 2.5]), "b": np.array(["2024-03-01", "NaT", "2024-03-02"], "M8[ns]")}
    )
    parquet.write_table(table, stream)
    found = shared(Parquet("x.parquet", stream, FIELDS), 0, 1)
    assert [row.instance for row in found] == [
        {"a": None, "b": "2024-03-01"},
        {"a": None, "b": None},
        {"a": 2.5, "b": "2024-03-02"},
    ]


def test_a_row_with_a_cell_too_many_or_too_few_has_a_reason() -> None:
    found = read(b"a,b\n1,2\n3\n4,5,6\n\n7,8\n")
    assert [(row.key, row.reason) for row in found] == [
        (2, ""),
        (3, "has 1 cells, and the header 2 names"),
        (4, "has 3 cells, and the header 2 names"),
        (6, ""),
    ]


def test_a_row_that_is_no_csv_or_no_utf_8_has_a_reason_and_the_next_one_is_read() -> None:
    found = read(b'a,b\n"1"x,2\n\xff,2\n3,4\n')
    assert found[0].reason.startswith("is not CSV: ")
    assert found[1].reason == "is not UTF-8; save the file as UTF-8"
    assert found[2] == Row(4, {"a": "3", "b": "4"})


def test_a_quote_that_is_never_closed_is_told_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "LONGEST", 100)
    said = refusal(delimited(b'a,b\n1,2\n"3,4\n' + b"5,6\n" * 100, size=50))
    assert "x.csv: what begins on line 3 is longer than" in said
    assert said.endswith("is a quote missing?")


def test_columns_that_the_model_does_not_ask_for_are_named_and_left_out() -> None:
    reader = delimited(b"id,b,a\n7,2,1\n")
    assert shared(reader, 0, 1) == [Row(2, {"a": "1", "b": "2"})]
    assert reader.unused == ("id",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "x.csv is empty"),
        (b"\n\r\n", "x.csv is empty"),
        (b"b\n1\n", "x.csv lacks the columns that the model asks for, such as a; it begins with b"),
        (b"a;b\n1;2\n", "it begins with a;b"),
        (b"a,b,a\n1,2,3\n", "x.csv has the column 'a' 2 times"),
        ("a,b\n1,2\n".encode("utf-16"), "x.csv is UTF-16; save it as UTF-8"),
    ],
)
def test_a_csv_that_cannot_be_scored_at_all_is_refused(content: bytes, said: str) -> None:
    assert said in refusal(delimited(content))


def test_half_a_gzip_file_is_refused() -> None:
    content = gzip.compress(b"a,b\n" + b"1,2\n" * 1000, mtime=0)
    said = refusal(delimited(content[: len(content) // 2], name="x.csv.gz"))
    assert said.startswith("x.csv.gz is not a whole gzip file")


def test_half_a_parquet_file_is_refused(tmp_path: Path) -> None:
    parquet.write_table(pyarrow.table({"a": ["x"] * 1000}), tmp_path / "x.parquet")
    content = (tmp_path / "x.parquet").read_bytes()
    with pytest.raises(BadData, match=r"x\.parquet is not a whole Parquet file"):
        Parquet("x.parquet", BytesIO(content[: len(content) // 2]), FIELDS)


def pictures(bucket: FakeObjects, *names: str) -> list[File]:
    for name in names:
        bucket.write(name, name.encode())
    return [datasets.as_file(bucket.bucket, bucket.stat(name), name) for name in names]


def test_every_picture_of_a_folder_is_read_by_exactly_one_task_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_of_pictures, "PICTURES", 2)
    bucket = FakeObjects("data", FakeClock())
    names = [f"{number}.png" for number in range(7)]
    files = pictures(bucket, *names)
    found = [row for task in range(3) for row in shared(Pictures(bucket, files, "image"), task, 3)]
    assert sorted((row.key, row.instance) for row in found) == [(name, {"image": name.encode()}) for name in names]


def test_a_picture_that_was_overwritten_is_a_row_with_a_reason() -> None:
    bucket = FakeObjects("data", FakeClock())
    files = pictures(bucket, "a.png", "b.png", "c.png")
    bucket.write("a.png", b"another one")
    bucket.write("b.png", b"b.png")
    bucket.delete("c.png")
    first, second, third = shared(Pictures(bucket, files, "image"), 0, 1)
    assert first.reason == third.reason == "was deleted or overwritten after it was uploaded; upload it again"
    assert second.instance == {"image": b"b.png"}


def test_pictures_and_texts_are_for_models_that_ask_for_one_alone() -> None:
    text, image, extra = Field("text", "text"), Field("image", "image"), Field("b", "number", required=False)
    assert only([text], "text", "x.txt") == "text"
    assert only([image, extra], "image", "the folder") == "image"
    with pytest.raises(BadData, match=r"x\.txt holds texts alone, and the model asks for image"):
        only([image], "text", "x.txt")
    with pytest.raises(BadData, match="and the model asks for text, image"):
        only([text, image], "text", "x.txt")
