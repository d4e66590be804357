import json
import sys
import tracemalloc
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headrace.batches import cells
from headrace.workload import Field
from services.inference.api import instances
from services.inference.api.tables import delimited, frames, pages, parquet
from services.inference.api.tables.rows import Empty
from services.inference.api.tensors import message
from services.inference.api.tensors.message import Framing
from services.inference.service import Inference
from services.inference.web.answers import Refused

from .fakes import FakePlatform, tiny
from .running import Client, lines, serving, until

FIELDS = (Field("age", "number"), Field("name", "text", required=False), Field("new", "boolean", required=False))
TEXT = (Field("text", "text"),)
CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"


def framed(value: Any, fields: Sequence[Field] = FIELDS, most: int = 10) -> list[Any]:
    return list(frames.read(fields, most, value if isinstance(value, bytes) else json.dumps(value).encode()).instances)


def csv(text: str, most: int = 10) -> list[Any]:
    return list(delimited.read(FIELDS, most, text.encode()).instances)


def file(table: pa.Table, **options: Any) -> bytes:
    stream = BytesIO()
    pq.write_table(table, stream, **options)
    return stream.getvalue()


def refused(read: Any, *given: Any) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        read(*given)
    return caught.value.status, str(caught.value)


def test_frames_without_names_have_the_fields_in_their_order() -> None:
    wanted = [{"age": 1, "name": "x", "new": None}]
    assert framed({"inputs": [[1, "x", None]]}) == wanted
    assert framed({"dataframe_split": {"data": [[1, "x", None]]}}) == wanted
    assert framed({"inputs": ["one", "two"]}, TEXT) == [{"text": "one"}, {"text": "two"}]


def test_half_of_a_surrogate_pair_is_no_text_where_nan_is_read_either() -> None:
    for body in (rb'{"dataframe_split": {"\ud800": NaN}}', rb'{"inputs": [{"age": NaN, "name": "\ud800"}]}'):
        status, said = refused(framed, body)
        assert (status, "surrogates not allowed" in said) == (400, True)
    assert framed(rb'{"inputs": [{"age": NaN, "name": "\ud83d\ude00"}]}') == [{"age": None, "name": "\U0001f600"}]


def test_what_python_writes_for_a_missing_number_is_missing() -> None:
    assert framed(b'{"inputs": [{"age": NaN, "name": "NaN"}]}') == [{"age": None, "name": "NaN"}]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"inputs": [{"age": Infinity, "name": "NaN"}]}', "Infinity is no number"),
        (b'{"inputs": [{"age": 1e999, "name": NaN}]}', "1e999 is too large"),
        (b'{"inputs": [NaN', "not JSON"),
        (b"[" * 100_000 + b"NaN", "not JSON"),
        ({"dataframe_split": {"columns": ["age", 3], "data": [[1, 2]]}}, "columns[1] is a number"),
        ({"dataframe_split": {"columns": ["age", "age"], "data": [[1, 2]]}}, "'age' twice"),
        ({"dataframe_split": {"columns": "ab", "data": [["x", "y"]]}}, "columns is a string"),
        ({"dataframe_split": {"columns": ["age", "name"], "data": ["xy"]}}, "data[0] is a string; send a list of 2"),
        ({"dataframe_split": {"columns": ["age", "name"], "data": [[1, 2], [3]]}}, "data[1] has 1 values"),
        ({"dataframe_split": {"data": [[1]]}}, "has 1 values; send a list of 3: age, name, new"),
        ({"inputs": [[1, 2]]}, "inputs[0] has 2 values"),
        ({"inputs": [{"age": 1}, 2]}, "inputs[1] is a number"),
        ({"inputs": {"age": [1, 2], "name": "x"}}, "inputs.name is a string, and age has 2"),
        ({"inputs": "x"}, "inputs is a string"),
        ({"instances": []}, "instances is empty"),
    ],
)
def test_a_frame_that_is_none_is_refused_with_its_place(body: Any, words: str) -> None:
    status, said = refused(framed, body)
    assert (status, words in said) == (400, True), said


@pytest.mark.parametrize(
    "value",
    [
        {"dataframe_split": {"columns": ["age"], "data": [[1]] * 11}},
        {"dataframe_records": [{"age": 1}] * 11},
        {"inputs": {"age": [1] * 11}},
        {"inputs": [[1, "x", True]] * 11},
    ],
)
def test_more_rows_than_a_request_may_have_are_refused_before_they_are_read(value: Any) -> None:
    assert refused(framed, value) == (413, "the table has more than 10 rows; send at most 10 at once")


def test_a_wide_table_may_have_fewer_rows_than_a_narrow_one() -> None:
    names = [f"c{n}" for n in range(2000)]
    wide = {"columns": names, "data": [[0] * 2000] * 1001}
    assert refused(framed, {"dataframe_split": wide}, FIELDS, 5000)[0] == 413
    assert refused(framed, {"inputs": dict.fromkeys(names, [0] * 1001)}, FIELDS, 5000)[0] == 413
    assert refused(csv, ",".join(names) + "\n" + (",".join("0" * 2000) + "\n") * 1001, 5000)[0] == 413
    assert refused(parquet.read, 5000, file(pa.table(dict.fromkeys(names, [0] * 1001))))[0] == 413


@pytest.mark.parametrize("part", [b"{}", b"[]"])
@pytest.mark.parametrize("read", [framed, instances.read, partial(message.split, Framing(b"", b"", 1 << 23))])
def test_json_that_is_nothing_but_objects_is_refused_before_they_are_made(read: Any, part: bytes) -> None:
    body = b'{"instances": [NaN, %b]}' % b",".join([part] * (instances.MOST_PARTS + 1))
    tracemalloc.start()
    try:
        assert refused(read, body) == (413, "the body has more than 500000 objects and lists; send less in one request")
        assert tracemalloc.get_traced_memory()[1] < 8 * len(body)
    finally:
        tracemalloc.stop()


def test_braces_in_a_text_are_no_objects() -> None:
    text = '{["\\' * instances.MOST_PARTS
    assert instances.read(json.dumps({"name": text}).encode()).instances == [{"name": text}]


def test_cells_are_what_the_field_is() -> None:
    text = 'age,name,new,other\n41,"Smith, J.",True,7\n4.5e1,,false,\nNA,N/A,,x\n'
    assert csv(text) == [
        {"age": 41.0, "name": "Smith, J.", "new": True, "other": "7"},
        {"age": 45.0, "name": None, "new": False, "other": None},
        {"age": None, "name": "N/A", "new": None, "other": "x"},
    ]


@pytest.mark.parametrize("cell", ["forty", "inf", "-Infinity", "1e999", "1_000", "0x10", "12%"])
def test_a_cell_that_is_no_number_is_left_for_the_model_to_refuse(cell: str) -> None:
    assert cells.number(cell) == cell


def test_a_line_may_end_early_and_its_other_fields_are_missing() -> None:
    assert csv("age,name\n41\n\n42,x\n") == [{"age": 41.0}, {"age": 42.0, "name": "x"}]


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("", 400, "empty"),
        (",\n1,2\n", 400, "empty"),
        ("age,name\n1,2,3\n", 400, "line 2 has 3 cells, and the header 2"),
        ("age,age\n1,2\n", 400, "'age' twice"),
        ('age,name\n1,"x\n', 400, "line 2 is not CSV"),
        ("age\n" + "1\n" * 11, 413, "more than 10 rows"),
        (",".join(f"c{n}" for n in range(2001)) + "\n", 400, "at most 2000 columns"),
    ],
)
def test_a_csv_that_is_none_is_refused(text: str, status: int, words: str) -> None:
    found, said = refused(csv, text)
    assert (found, words in said) == (status, True), said


def test_columns_of_every_plain_type_are_read() -> None:
    table = pa.table(
        {
            "whole": [1, None],
            "real": [0.5, float("nan")],
            "exact": [Decimal("1.50"), None],
            "truth": [True, False],
            "text": ["x", None],
            "file": [b"\x89PNG", b""],
            "coded": pa.array(["x", "y"]).dictionary_encode(),
            "day": [date(2024, 1, 1), None],
            "moment": [datetime(2024, 1, 1), datetime(2024, 1, 1, 12)],
            "__index_level_0__": [7, 8],
        }
    )
    first, second = parquet.read(10, file(table)).instances
    assert first == {
        "whole": 1, "real": 0.5, "exact": 1.5, "truth": True, "text": "x", "file": b"\x89PNG", "coded": "x",
        "day": "2024-01-01", "moment": "2024-01-01",
    }  # fmt: skip
    assert second == {
        "whole": None, "real": None, "exact": None, "truth": False, "text": None, "file": b"", "coded": "y",
        "day": None, "moment": "2024-01-01T12:00:00",
    }  # fmt: skip


def test_a_small_file_does_not_become_a_large_table() -> None:
    long = "x" * 1_000_000
    shared = file(pa.table({"text": [long] * 10}), compression="zstd")
    rows = parquet.read(10, shared).instances
    assert len({id(row["text"]) for row in rows}) == 1
    different = file(pa.table({"text": [str(n) + long for n in range(300)]}), compression="zstd", use_dictionary=False)
    assert len(different) < 1_000_000
    assert refused(parquet.read, 1000, different) == (
        413,
        "the file's values take more than 64 MiB; send fewer rows at once",
    )
    many = file(pa.table({"age": [1] * 100_000}))
    assert refused(parquet.read, 1000, many)[0] == 413


def varint(value: int, width: int = 0) -> bytes:
    """A positive integer as Thrift's compact protocol writes it, in so many bytes at least."""
    zigzag, written = value * 2, bytearray()
    while zigzag > 127 or len(written) < width - 1:
        written.append(zigzag & 127 | 128)
        zigzag >>= 7
    return bytes([*written, zigzag])


def lying(whole: bytes, truth: int, lie: int) -> bytes:
    """The file with another number in its footer, the first time that it stands there."""
    footer = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    said = varint(truth)
    at = whole.index(said, footer)
    return whole[:at] + varint(lie, len(said)) + whole[at + len(said) :]


def test_a_footer_that_calls_its_pages_small_is_not_believed() -> None:
    large = file(pa.table({"text": ["x" * (65 << 20)]}), compression="zstd", use_dictionary=False, store_schema=False)
    size = pq.read_metadata(BytesIO(large)).row_group(0).total_byte_size
    small = large
    while varint(size) in small[-2000:]:
        small = lying(small, size, 100)
    assert len(small) < 100_000
    assert pq.read_metadata(BytesIO(small)).row_group(0).total_byte_size == 100
    assert refused(parquet.read, 10, small)[0] == 413


def test_a_footer_that_contradicts_itself_is_refused() -> None:
    many = file(pa.table({"age": [1] * 100_000}), store_schema=False)
    fewer = lying(many, 100_000, 10)
    assert pq.read_metadata(BytesIO(fewer)).num_rows == 10
    assert refused(parquet.read, 10, fewer) == (
        400,
        "the file is said to have 10 rows, and its groups have another number",
    )


def test_texts_that_share_their_beginnings_are_refused_for_a_small_page_may_hold_much() -> None:
    table = pa.table({"text": ["x" * 1000] * 10})
    shared = file(table, use_dictionary=False, column_encoding="DELTA_BYTE_ARRAY")
    assert "DELTA_BYTE_ARRAY" in refused(parquet.read, 10, shared)[1]
    assert (
        "DELTA_BYTE_ARRAY"
        in refused(
            parquet.read,
            10,
            file(table, use_dictionary=False, column_encoding="DELTA_BYTE_ARRAY", data_page_version="2.0"),
        )[1]
    )


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "brotli", "zstd", "lz4"])
def test_pages_are_as_large_as_pyarrow_says_however_they_are_written(version: str, compression: str) -> None:
    table = pa.table({"age": list(range(9000)), "name": [str(n % 70) for n in range(9000)], "new": [None] * 9000})
    whole = file(
        table,
        compression=compression,
        data_page_version=version,
        row_group_size=2000,
        data_page_size=1000,
        write_page_checksum=True,
    )
    described = pq.read_metadata(BytesIO(whole))
    groups = (described.row_group(place) for place in range(described.num_row_groups))
    assert 0 < pages.unpacked(whole, described) <= sum(group.total_byte_size for group in groups)
    rows = parquet.read(9000, whole).instances
    assert (len(rows), rows[-1]) == (9000, {"age": 8999, "name": "39", "new": None})


def test_a_file_of_too_many_pages_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_PAGES", 5)
    assert parquet.read(100, file(pa.table({"age": [1] * 50}), row_group_size=25)).instances
    for cut in (10, 20):  # five groups of one page for a dictionary and one for values, and three
        assert refused(parquet.read, 100, file(pa.table({"age": [1] * 50}), row_group_size=cut)) == (
            413,
            "the file is cut into more than 5 pages; write it in fewer groups of rows",
        )


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"PAR1" * 10, b"\x00" * 100])
def test_what_is_no_parquet_is_refused(damage: bytes) -> None:
    status, said = refused(parquet.read, 10, damage)
    assert (status, "not a Parquet file" in said) == (400, True)


def test_a_damaged_parquet_is_refused_wherever_the_damage_is() -> None:
    whole = file(pa.table({"age": list(range(100)), "name": [str(n) for n in range(100)]}))
    for place in range(4, len(whole), 7):
        damaged = whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]
        try:
            assert len(parquet.read(100, damaged).instances) <= 100
        except Refused as error:
            assert error.status in (400, 413)  # noqa: PT017 - most damage is noticed, some changes a value
        except Empty:
            pass


def test_nested_columns_are_refused_by_name() -> None:
    for nested in ([[1, 2]], [{"x": 1}]):
        status, said = refused(parquet.read, 10, file(pa.table({"deep": nested})))
        assert (status, "'deep" in said) == (400, True)


def test_where_parquet_is_not_installed_the_answer_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    answer = client.post("/invocations", file(pa.table({"a": [1], "b": [2]})), content_type=PARQUET)
    assert (answer.status_code, "pyarrow is not installed" in answer.text) == (415, True)


def test_without_a_model_mlflows_clients_are_told_to_come_back(platform: FakePlatform, tmp_path: Path) -> None:
    platform.fake_registry.down = True
    with serving(lambda: Inference(platform, [tiny()], tmp_path)) as client:
        ping, answer = client.get("/ping"), client.post("/invocations", {"inputs": []}, content_type="application/json")
    assert ping.status_code == 503
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["error_code"] == "TEMPORARILY_UNAVAILABLE"


def test_tables_are_logged_like_any_request(client: Client, platform: FakePlatform) -> None:
    client.post("/invocations", b"a,b\n1,2\n3,4\n", content_type=CSV, x_request_id="csv")
    client.post("/invocations", file(pa.table({"a": [1], "b": [2]})), content_type=PARQUET, x_request_id="parquet")
    until(lambda: len(lines(platform.fake_bus, "predictions")) == 2)
    logged = {line["request_id"]: line for line in lines(platform.fake_bus, "predictions")}
    assert logged["csv"]["instances"] == [{"a": 1.0, "b": 2.0}, {"a": 3.0, "b": 4.0}]
    assert logged["parquet"]["predictions"] == [{"score": 1003.0}]
