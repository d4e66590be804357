import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace import catalogue
from headrace.workload import BadData
from workloads.loan_default.codec import Encoding, LoanCodec, read_encoding
from workloads.loan_default.schema import BY_NAME, DROPPED, FEATURES
from workloads.loan_default.serving import serving
from workloads.loan_default.table import read_table

ENCODING = Encoding(FEATURES, 0.2)
CODEC = LoanCodec(ENCODING)
EXAMPLE = dict(catalogue.describe("loan_default").example)


def encoded(instance: Any) -> dict[str, float]:
    row = CODEC.encode([instance])["features"]
    assert row.shape == (1, len(FEATURES))
    assert row.dtype == np.float32
    return dict(zip((field.name for field in FEATURES), row[0].tolist(), strict=True))


def refused(*instances: Any) -> str:
    with pytest.raises(BadData) as caught:
        CODEC.encode(instances)
    return str(caught.value)


def test_a_model_asks_for_its_own_columns_and_for_the_month_of_issue_where_it_counts_from_it() -> None:
    grade, history = BY_NAME["grade"], BY_NAME["earliest_cr_line"]
    (asked,) = LoanCodec(Encoding((grade,), 0.2)).fields
    assert (asked.name, asked.kind, asked.choices, asked.required) == ("grade", "text", tuple("ABCDEFG"), False)
    assert [field.name for field in LoanCodec(Encoding((history,), 0.2)).fields] == ["earliest_cr_line", "issue_d"]
    assert {field.name: field.kind for field in CODEC.fields}["int_rate"] == "number"


def test_the_example_of_the_workload_is_encoded_field_by_field() -> None:
    row = encoded(EXAMPLE)
    assert row["int_rate"] == pytest.approx(13.56)
    assert row["term"] == 36
    assert row["grade"] == 3
    assert math.isnan(row["mths_since_last_delinq"])


def test_the_credit_history_is_counted_in_months_at_the_issue() -> None:
    assert encoded({"earliest_cr_line": "Aug-2004", "issue_d": "Jan-2024", "term": 36})["earliest_cr_line"] == 233
    assert math.isnan(encoded({"earliest_cr_line": "Aug-2004", "term": 36})["earliest_cr_line"])


def test_missing_fields_are_missing_values() -> None:
    row = encoded({"annual_inc": 50_000, "dti": None})
    assert [name for name, value in row.items() if not math.isnan(value)] == ["annual_inc"]


def test_an_unseen_category_is_the_unknown_one() -> None:
    assert encoded({"purpose": "space_travel"})["purpose"] == 0


def test_columns_of_the_original_file_that_no_model_uses_are_ignored() -> None:
    assert encoded(EXAMPLE | dict.fromkeys(DROPPED, "whatever")) == pytest.approx(encoded(EXAMPLE), nan_ok=True)


def test_an_unknown_field_is_refused_with_the_nearest_name() -> None:
    assert refused({"anual_inc": 5}) == "'anual_inc' is not a LendingClub column; is it 'annual_inc'?"


@pytest.mark.parametrize("instance", [None, [], 3, "loan", [1, 2]])
def test_what_is_not_an_object_is_refused(instance: Any) -> None:
    assert "is not a loan; send an object" in refused(instance)


@pytest.mark.parametrize("instance", [{}, {"emp_title": "Teacher"}, {"annual_inc": None, "term": "n/a"}])
def test_a_loan_without_any_value_is_refused(instance: dict[str, Any]) -> None:
    assert "no value that the model uses; send some of loan_amnt, " in refused(instance)


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e300, True, [5], {"a": 5}, "many"])
def test_a_value_that_is_no_number_is_refused_by_name(value: Any) -> None:
    assert refused({"annual_inc": value}).startswith("annual_inc: ")


def test_among_many_rows_the_faulty_one_is_named() -> None:
    assert refused(EXAMPLE, EXAMPLE, {"annual_inc": "many"}).startswith("row 2: annual_inc: 'many' is not ")


def test_no_rows_are_an_empty_matrix() -> None:
    assert CODEC.encode([])["features"].shape == (0, len(FEATURES))


def test_many_rows_are_encoded_as_each_alone() -> None:
    rows = [EXAMPLE, {"annual_inc": "50,000"}, {"grade": "z"}]
    alone = np.concatenate([CODEC.encode([row])["features"] for row in rows])
    assert np.array_equal(CODEC.encode(rows)["features"], alone, equal_nan=True)


def test_serving_encodes_a_row_just_as_training_did(split: Path) -> None:
    table, examples = read_table(split / "test"), serving.examples(split / "test")
    assert table.fields == FEATURES
    assert np.array_equal(CODEC.encode(examples.instances)["features"], table.x, equal_nan=True)


def test_an_answer_is_a_probability_and_a_label_by_the_threshold() -> None:
    answers = CODEC.decode({"probabilities": np.array([[0.9, 0.1], [0.75, 0.25]], np.float32)}, [EXAMPLE, EXAMPLE])
    assert answers == [
        {"default_probability": pytest.approx(0.1), "label": "fully_paid"},
        {"default_probability": 0.25, "label": "charged_off"},
    ]


def test_an_encoding_is_read_as_it_was_written(tmp_path: Path) -> None:
    ENCODING.write(tmp_path)
    assert read_encoding(tmp_path) == ENCODING


def test_a_model_without_a_field_still_accepts_it() -> None:
    narrow = LoanCodec(Encoding((BY_NAME["annual_inc"], BY_NAME["term"]), 0.2))
    assert narrow.encode([EXAMPLE])["features"].tolist() == [[65_000, 36]]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from([*BY_NAME, *sorted(DROPPED)]) | st.text(max_size=12)


@given(st.lists(JSON | st.dictionaries(NAMES, JSON, max_size=8), max_size=3))
def test_whatever_is_sent_is_encoded_or_refused_as_bad_data(instances: list[Any]) -> None:
    try:
        features = CODEC.encode(instances)["features"]
    except BadData:
        return
    assert features.shape == (len(instances), len(FEATURES))
    assert not np.isinf(features).any()


def test_loggable_keeps_no_personal_field() -> None:
    (row,) = serving.loggable([EXAMPLE | {"emp_title": "Teacher", "zip_code": "945xx", "recoveries": 3}])
    assert row == EXAMPLE


def test_described_columns_are_numbers_and_names() -> None:
    columns = serving.describe([EXAMPLE, {"annual_inc": 5}])
    assert set(columns) == {field.name for field in FEATURES}
    assert columns["annual_inc"].dtype == np.float64
    assert columns["grade"].tolist() == ["C", "missing"]
    assert columns["earliest_cr_line"].tolist() == pytest.approx([233, math.nan], nan_ok=True)


def test_a_label_that_is_none_is_refused() -> None:
    with pytest.raises(BadData, match="'maybe' is not a loan's label; it is one of fully_paid, charged_off"):
        serving.labelled([EXAMPLE], ["maybe"])
