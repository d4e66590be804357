from pathlib import Path

import pytest

from headrace.workload import BadData
from tests.unit.workloads.synth_tabular.tables import table, write_csv, write_parquet
from workloads.synth_tabular.intake import intake

LIMIT = 1 << 20


def test_tables_pass(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", table())
    write_parquet(tmp_path / "a.parquet", table())
    for path in tmp_path.iterdir():
        intake.peek(path.name, path.read_bytes())


def test_the_head_of_a_large_file_may_end_anywhere(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", table(20_000))
    content = (tmp_path / "a.csv").read_bytes()
    assert len(content) > LIMIT
    intake.peek("a.csv", content[:LIMIT])


@pytest.mark.parametrize(
    ("name", "head", "sentence"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.csv", b" \n\n", "a.csv is empty"),
        ("a.parquet", b"", "a.parquet is empty"),
        ("a.parquet", b"a,label\n1,x\n", "a.parquet is not a Parquet file; write it again, or name it .csv"),
        ("a.csv", b"PAR1\x15\x04", "a.csv is a Parquet file; name it .parquet"),
        ("a.csv", b"a,b\n1,2\n", "a.csv has no column 'label' but 'a', 'b'"),
        ("a.csv", b"a;label\n1;x\n", "a.csv has no column 'label' but 'a;label'"),
        ("a.csv", b"label\nx\n", "no column beside 'label'"),
        ("a.csv", b"a,a,label\n1,2,x\n", "several columns named 'a'"),
        ("a.csv", b"a,label\n", "column names and no rows below"),
        ("a.csv", b"a,label\n1,2,3\n", "3 values in its first row, but 2 columns"),
        ("a.csv", b"a,label\n\xff\xfe,x\n", "not a CSV file in UTF-8"),
    ],
)
def test_what_cannot_be_used_is_refused_at_the_door(name: str, head: bytes, sentence: str) -> None:
    with pytest.raises(BadData) as caught:
        intake.peek(name, head)
    assert sentence in str(caught.value)


def test_a_byte_order_mark_is_no_part_of_a_name() -> None:
    intake.peek("a.csv", b"\xef\xbb\xbflabel,a\nx,1\n")
