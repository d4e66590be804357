"""A newcomer copies a template, edits two files, drops data and asks the model that came of it; as the README says."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flow.checkout import Checkout, Done, checked_out
from tests.flow.newcomers import NEWCOMERS, Newcomer
from tests.flow.waiting import eventually

NAME = "my_model"
KINDS = ["tabular", pytest.param("text", marks=pytest.mark.slow), pytest.param("image", marks=pytest.mark.slow)]


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    with checked_out(tmp_path / "newcomer") as made:
        yield made


@pytest.mark.parametrize("kind", KINDS)
def test_a_copied_template_with_two_files_edited_trains_is_judged_and_serves(checkout: Checkout, kind: str) -> None:
    newcomer = NEWCOMERS[kind]
    _make(checkout, NAME, kind, newcomer)
    with checkout.up():
        dropped = checkout.headrace("drop", NAME, str(newcomer.data(checkout.folder)))
        assert dropped.returncode == 0, dropped.stdout + dropped.stderr
        assert "every candidate has its verdict" in dropped.stdout
        answer = json.loads(eventually(lambda: _asked(checkout, newcomer), "the champion answers"))
        assert (answer["version"], answer["alias"], answer["label"]) == (1, "champion", newcomer.label)
        story = eventually(lambda: _told(checkout), "the story of the champion")
        assert "no champion to beat: accuracy" in story
        assert checkout.headrace("predict", NAME).returncode == 0


@pytest.mark.slow
def test_copies_of_all_templates_are_held_to_the_interface_and_pass(checkout: Checkout) -> None:
    names = {f"my_{kind}": kind for kind in NEWCOMERS}
    for name, kind in names.items():
        _make(checkout, name, kind, NEWCOMERS[kind])
    done = checkout.python("-m", "pytest", "-q", "tests/contract/workloads", "-k", " or ".join(names))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout


def test_a_name_or_a_kind_that_will_not_do_is_refused_and_nothing_is_copied(checkout: Checkout) -> None:
    before = sorted(checkout.root.rglob("*.py"))
    for words, sentence in (
        (("Churn", "--like", "tabular"), "'Churn' cannot be a workload's name"),
        (("../churn", "--like", "tabular"), "'../churn' cannot be a workload's name"),
        (("class", "--like", "tabular"), "'class' cannot be a workload's name"),
        (("churn", "--like", "video"), "there is no template 'video'; --like is one of image, tabular, text"),
        (("loan_default", "--like", "tabular"), "already; choose another name"),
        (("template", "--like", "tabular"), "already; choose another name"),
    ):
        done = checkout.headrace("new", *words)
        assert done.returncode == 1
        assert sentence in done.stdout
    assert sorted(checkout.root.rglob("*.py")) == before


def _make(checkout: Checkout, name: str, kind: str, newcomer: Newcomer) -> None:
    done = checkout.headrace("new", name, "--like", kind)
    assert done.returncode == 0, done.stdout + done.stderr
    folder = f"shared/workloads/{name}"
    assert f"{checkout.root / folder} is yours" in done.stdout
    checkout.edit(f"{folder}/schema.py", newcomer.schema)
    checkout.edit(f"{folder}/workload.yaml", newcomer.description)


def _asked(checkout: Checkout, newcomer: Newcomer) -> str:
    done: Done = checkout.headrace("predict", NAME, "--json", json.dumps(newcomer.instance))
    return done.stdout if done.returncode == 0 else ""


def _told(checkout: Checkout) -> str:
    done = checkout.headrace("trace", f"{NAME}@champion")
    return done.stdout if "is champion" in done.stdout else ""
