from collections.abc import Callable

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from functions.ingest.main import ingest
from headrace.bus.triggers import ObjectFinalized
from headrace.errors import Unavailable
from headrace.events import DatasetRejected
from services.studio.pages import data
from services.studio.people import Role
from tests.fakes import FakePlatform
from workloads.loan_default.generator import write_csv

from .drawing import shown
from .keeping import W, made, studio, told, trained, uploaded


@pytest.fixture(autouse=True)
def nothing_read_before() -> None:
    """What one test's page has read is not shown on another's."""
    streamlit.cache_data.clear()


@pytest.fixture(scope="module")
def loans(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("loans") / "loans.csv"
    write_csv(path, 20, "2024-01", seed=1)
    return path.read_bytes()


def page(platform: FakePlatform, role: Role = "operator") -> AppTest:
    return shown(lambda: data.page(studio(platform, role)))


def with_data() -> FakePlatform:
    platform = FakePlatform()
    uploaded(platform, "january.csv", b"rows")
    manifest = made(platform, "january.csv")
    trained(platform, manifest)
    platform.store.write(f"cards/{W}/{manifest.dataset}.md", b"# The card\n\nIt costs $5 or $6.\n")
    return platform


def text(page: AppTest) -> str:
    return "\n".join(
        str(each.value) for each in (*page.markdown, *page.caption, *page.info, *page.warning, *page.error)
    )


def failing(*_: object) -> None:
    raise Unavailable("it does not answer")


def test_without_data_the_page_says_how_to_drop_some() -> None:
    found = page(FakePlatform())
    assert "`headrace drop cats_dogs FILE`" in found.info[0].value
    assert "Nothing was refused" in text(found)


def test_a_version_is_shown_with_what_was_trained_on_it_and_its_card() -> None:
    found = page(with_data())
    (row,) = found.dataframe[0].value.to_dict("records")
    assert (row["files"], row["size"], row["rows to train on"], row["models"]) == (1, 4, 800, ["1"])
    assert "/models/loan_default/versions/1" in text(found)
    assert r"It costs \$5 or \$6." in text(found)


def test_the_version_of_the_pages_address_is_the_one_that_is_told_of() -> None:
    platform = with_data()
    platform.clock.advance(hours=1)
    uploaded(platform, "february.csv", b"more rows")
    newest = made(platform, "february.csv")
    first = next(name.split("/")[2] for name in platform.store.names(f"datasets/{W}/") if newest.dataset not in name)
    found = AppTest.from_function(_script, kwargs={"draw": lambda: data.page(studio(platform))}, default_timeout=30)
    assert f"`{newest.dataset}`" in text(found.run())
    found.query_params["dataset"] = first
    assert f"##### `{first}`" in text(found.run())


def _script(draw: "Callable[[], None]") -> None:
    draw()


def test_what_was_refused_is_shown_with_its_sentence() -> None:
    platform = FakePlatform()
    told(platform, DatasetRejected(workload="cats_dogs", source="gs://data/cats.txt#1", reason="rename it"))
    (row,) = page(platform).dataframe[0].value.to_dict("records")
    assert (row["why"], row["what"]) == ("rename it", "gs://data/cats.txt")


@pytest.mark.parametrize("down", ["store", "registry", "audit"])
def test_whatever_is_down_is_a_sentence_and_the_rest_goes_on(down: str) -> None:
    platform = with_data()
    getattr(platform, down).before = failing
    found = page(platform)
    assert "it does not answer" in " ".join(each.value for each in found.warning)
    assert found.expander
    assert bool(found.dataframe) == (down != "store")


def test_a_viewer_sees_where_data_would_be_dropped_and_cannot() -> None:
    found = page(with_data(), "viewer")
    assert found.file_uploader[0].disabled
    assert found.button[0].disabled
    assert "an operator decides" in text(found)
    assert found.dataframe


def test_an_operator_is_told_what_is_expected_and_how_much_may_come() -> None:
    found = page(with_data())
    assert "Loans in LendingClub's columns" in text(found)
    assert "`.csv`, `.csv.gz`, `.parquet`; 4 GiB in all at most, and 200 MB a file" in text(found)


def test_what_cannot_be_used_is_refused_before_it_is_uploaded() -> None:
    platform = with_data()
    before = platform.data.names()
    found = page(platform)
    found.file_uploader[0].set_value(("loans.csv", b"not,loans\n1,2\n", "text/csv")).run()
    assert "It cannot be used" in found.error[0].value
    assert found.button[0].disabled
    assert platform.data.names() == before


def test_files_are_uploaded_when_the_person_has_said_why_and_their_fate_is_shown(loans: bytes) -> None:
    platform = with_data()
    found = page(platform)
    found.file_uploader[0].set_value(("loans.csv", loans, "text/csv")).run()
    found.button[0].click().run()
    assert "logistic_regression, random_forest, xgboost train" in text(found)
    found.text_area[0].set_value("a new month")
    found.button[-1].click().run()
    assert "in the data bucket" in found.success[0].value
    name = next(name for name in platform.data.names() if name.endswith("_SUCCESS"))
    assert platform.data.stat(name).metadata["uploaded-by"] == "ana@example.com"
    assert found.run().status[0].label.endswith("uploaded; it is looked at")
    stat = platform.data.stat(name)
    event = ObjectFinalized(bucket=platform.data.bucket, name=name, generation=stat.generation, size=stat.size)
    list(ingest(event, platform))
    assert "candidates train" in found.run().status[0].label
