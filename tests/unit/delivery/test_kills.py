"""A delivery that is killed outright, anywhere, is put right by the next."""

import subprocess
import sys

import pytest

from headrace.delivery.steps import run
from tests.unit.delivery.cloud import INFERENCE, ROOT, Cloud
from tests.unit.delivery.test_deliveries import LATER, deployed

DELIVERS = """
import sys
from pathlib import Path
from headrace.delivery.steps import run
from tests.unit.delivery.cloud import delivery
run(delivery(Path(sys.argv[1]), sys.argv[2]), sys.argv[3:])
"""


def deliver_and_die(google: Cloud, revision: str, at: str) -> None:
    google.deadly = at
    words = [sys.executable, "-c", DELIVERS, str(google.folder), revision, *LATER]
    assert subprocess.run(words, cwd=ROOT, check=False).returncode == -9


@pytest.mark.parametrize("at", ["infra apply", f"{INFERENCE} --to-tags=candidate=10", f"{INFERENCE} --to-revisions"])
def test_a_delivery_that_was_killed_is_finished_by_the_next(google: Cloud, at: str) -> None:
    deployed(google)
    deliver_and_die(google, "two", at)
    run(google.delivery("two"), LATER)
    assert google.serving()["evaluator"] == {"evaluator-00002-two": 100}
    assert google.serving()[INFERENCE] == {f"{INFERENCE}-00002-two": 100}


def test_rollback_after_a_kill_gives_the_old_revisions_every_request(google: Cloud) -> None:
    deployed(google)
    before = google.serving()
    deliver_and_die(google, "two", f"{INFERENCE} --to-tags=candidate=50")
    assert google.serving() != before
    run(google.delivery("two"), ["rollback"])
    assert google.serving() == before
