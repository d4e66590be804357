import math

import pytest

from headrace.workload import BadData
from workloads.loan_default.cleaning import month_name, reader
from workloads.loan_default.schema import BY_NAME


def read(name: str, value: object) -> float:
    return reader(BY_NAME[name])(value)


@pytest.mark.parametrize(
    ("name", "written", "number"),
    [
        ("int_rate", "13.5%", 13.5),
        ("int_rate", " 13.50% ", 13.5),
        ("int_rate", 13.5, 13.5),
        ("revol_util", "0%", 0),
        ("term", " 36 months", 36),
        ("term", "60 months", 60),
        ("term", 36, 36),
        ("emp_length", "10+ years", 10),
        ("emp_length", "< 1 year", 0),
        ("emp_length", "1 year", 1),
        ("annual_inc", "65,000.50", 65000.5),
        ("annual_inc", " 65000 ", 65000),
        ("annual_inc", "1,234,567", 1234567),
        ("annual_inc", "6.5e4", 65000),
        ("dti", "-1", -1),
        ("earliest_cr_line", "Aug-1998", 1998 * 12 + 7),
        ("earliest_cr_line", "aug-98", 1998 * 12 + 7),
        ("earliest_cr_line", "Dec-11", 2011 * 12 + 11),
        ("earliest_cr_line", "1998-08", 1998 * 12 + 7),
        ("earliest_cr_line", "1998-08-01", 1998 * 12 + 7),
        ("grade", "C", 3),
        ("grade", " c ", 3),
        ("home_ownership", "NONE", 5),
        ("application_type", "JOINT APP", 2),
    ],
)
def test_a_value_is_read_however_it_is_written(name: str, written: object, number: float) -> None:
    assert read(name, written) == number


@pytest.mark.parametrize("name", ["annual_inc", "int_rate", "emp_length", "term", "earliest_cr_line", "grade"])
@pytest.mark.parametrize("written", [None, "", "  ", "n/a", "N/A", "NaN", "null"])
def test_an_absent_value_is_missing(name: str, written: object) -> None:
    assert math.isnan(read(name, written))


def test_a_category_never_seen_is_unknown() -> None:
    assert read("purpose", "space_travel") == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("annual_inc", math.inf),
        ("annual_inc", math.nan),
        ("annual_inc", "inf"),
        ("annual_inc", -1),
        ("annual_inc", 1e30),
        pytest.param("annual_inc", 10**5000, id="annual_inc-huge"),
        ("annual_inc", "9" * 5000),
        ("annual_inc", True),
        ("annual_inc", [1]),
        ("annual_inc", {"a": 1}),
        ("annual_inc", "12,5"),
        ("annual_inc", "1_000"),
        ("annual_inc", "50%"),
        ("int_rate", "13%%"),
        ("int_rate", "%"),
        ("term", "3 years"),
        ("emp_length", "36 months"),
        ("earliest_cr_line", "Foo-1998"),
        ("earliest_cr_line", "1998-13"),
        ("earliest_cr_line", "Aug-0098"),
        ("earliest_cr_line", 1998),
        ("grade", 3),
        ("grade", False),
    ],
)
def test_a_value_without_meaning_is_refused_by_the_name_of_its_field(name: str, value: object) -> None:
    with pytest.raises(BadData, match=f"^{name}: .* is not a "):
        read(name, value)


def test_a_refusal_shows_the_value_and_what_was_expected() -> None:
    with pytest.raises(BadData) as caught:
        read("int_rate", "lots")
    assert str(caught.value) == "int_rate: 'lots' is not a percentage from 0 to 100, such as 13.5 or \"13.5%\""


def test_a_refusal_is_short_however_long_the_value() -> None:
    with pytest.raises(BadData) as caught:
        read("annual_inc", "x" * 100_000)
    assert len(str(caught.value)) < 200


def test_a_month_is_written_as_it_is_read() -> None:
    assert month_name(read("issue_d", "Feb-2024")) == "Feb-2024"
