import gzip
import subprocess
import sys

import pytest

from headrace.workload import BadData
from tests.unit.workloads.loans import csv_bytes, loans, without
from workloads.loan_default.intake import intake

LIMIT = 1 << 20
GOOD = csv_bytes(loans(40))
HEADER = GOOD.splitlines(keepends=True)[0]


def refused(name: str, head: bytes) -> str:
    with pytest.raises(BadData) as caught:
        intake.peek(name, head)
    return str(caught.value)


def test_a_file_of_loans_is_accepted() -> None:
    intake.peek("loans.csv", GOOD)


def test_a_byte_order_mark_of_utf_8_is_accepted() -> None:
    intake.peek("loans.csv", b"\xef\xbb\xbf" + GOOD)


def test_a_gzipped_file_is_accepted() -> None:
    intake.peek("loans.csv.gz", gzip.compress(GOOD))


def test_the_truncated_head_of_a_gzipped_file_is_accepted() -> None:
    intake.peek("loans.csv.gz", gzip.compress(csv_bytes(loans(2000)))[:40_000])


def test_an_empty_file_is_refused() -> None:
    assert "loans.csv is empty" in refused("loans.csv", b"")


def test_a_file_with_a_header_only_is_refused() -> None:
    assert "no loans below" in refused("loans.csv", HEADER)


def test_a_head_that_ends_amid_a_character_is_accepted() -> None:
    row = GOOD.splitlines(keepends=True)[1].replace(b"C", "é".encode())
    text = HEADER + row * (LIMIT // len(row) + 2)
    cut = text.index("é".encode(), LIMIT) + 1
    intake.peek("loans.csv", text[:cut])
    assert cut >= LIMIT


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(encoding: str) -> None:
    assert "written in UTF-16; save it in UTF-8" in refused("loans.csv", GOOD.decode().encode(encoding))


def test_a_header_in_latin_1_is_refused_with_the_byte_and_its_place() -> None:
    assert "byte 0xe9 at 1 " in refused("loans.csv", b"d\xe9faut," + GOOD)


def test_rows_in_another_encoding_are_refused() -> None:
    rows = [row | {"emp_title": "Écrivain"} for row in loans(100)]
    assert "not UTF-8" in refused("loans.csv", csv_bytes(rows).decode().encode("latin-1"))


def test_a_few_rows_in_another_encoding_are_accepted() -> None:
    rows = loans(100)
    rows[7]["emp_title"] = "Écrivain"
    intake.peek("loans.csv", csv_bytes(rows).decode().encode("latin-1"))


@pytest.mark.parametrize(
    ("start", "what"),
    [(b"PK\x03\x04", "Excel"), (b"\x1f\x8b\x08", "gzip"), (b"PAR1", "Parquet"), (b"%PDF-1.7", "PDF")],
)
def test_another_format_is_named(start: bytes, what: str) -> None:
    assert what in refused("loans.csv", start + b"\x00\x01\n" + bytes(range(256)) * 40)


def test_bytes_without_meaning_are_refused() -> None:
    garbage = bytes(pow(7, n, 257) % 256 for n in range(LIMIT))
    assert "loans.csv is not" in refused("loans.csv", garbage)


def test_a_line_without_an_end_is_refused() -> None:
    assert "does not end within 1 MiB" in refused("loans.csv", b"x" * LIMIT)


def test_lines_that_end_in_a_way_of_their_own_are_refused() -> None:
    assert "the first line of loans.csv is not CSV" in refused("loans.csv", GOOD.replace(b"\n", b"\r"))


def test_a_file_without_the_label_is_refused_with_the_nearest_name() -> None:
    near = GOOD.replace(b"loan_status", b"loan_statut", 1)
    assert "no column 'loan_status' (is it 'loan_statut'?)" in refused("loans.csv", near)


def test_a_thousand_columns_of_nulls_are_refused_for_the_missing_label() -> None:
    names = ",".join(f"c{n}" for n in range(1000)).encode()
    assert "no column 'loan_status'" in refused("nulls.csv", names + b"\n" + (b"," * 999 + b"\n") * 300)


def test_a_file_separated_by_semicolons_is_told_so() -> None:
    assert "separated by semicolons" in refused("loans.csv", GOOD.replace(b",", b";"))


def test_too_few_columns_that_a_model_can_use_are_refused_with_their_number() -> None:
    few = [{name: row[name] for name in ("loan_amnt", "term", "loan_status", "emp_title")} for row in loans(40)]
    assert "has 2 of the 25 columns" in refused("loans.csv", csv_bytes(few))


def test_a_column_that_stands_twice_is_refused() -> None:
    assert "'annual_inc' 2 times" in refused("loans.csv", GOOD.replace(b"funded_amnt", b"annual_inc", 1))


def test_column_names_may_be_in_capitals_and_spaced() -> None:
    intake.peek("loans.csv", HEADER.upper().replace(b",", b" , ") + GOOD.removeprefix(HEADER))


def test_lines_of_the_wrong_length_are_refused_above_a_tenth() -> None:
    lines = GOOD.splitlines(keepends=True)
    assert "5 ragged" in refused("loans.csv", b"".join([*lines, *[b"Total amount funded\n"] * 5]))


def test_the_narrow_set_of_columns_is_accepted() -> None:
    intake.peek("loans.csv", csv_bytes(without(loans(40), "int_rate", "grade", "issue_d", "purpose")))


def test_a_gz_name_on_plain_text_is_refused() -> None:
    assert "not compressed with gzip" in refused("loans.csv.gz", GOOD)


def test_intake_imports_nothing_outside_the_standard_library() -> None:
    code = "import sys, workloads.loan_default.intake; print(*{m.split('.')[0] for m in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numpy", "pandas", "sklearn", "onnx", "pydantic", "yaml"} & set(loaded)
