import asyncio
import re
from math import inf
from pathlib import Path

import pytest
import yaml

from headrace.errors import Rejected
from services.inference.answering.engine import Engine
from services.inference.api.metrics import Metrics
from services.inference.telling.metrics import Meter
from services.inference.web.answers import Answer
from services.inference.web.bodies import Bodies
from services.studio.reading import exposition, promises
from services.studio.reading.promises import Objectives
from tests.infra.terraform import ROOT

PROMISED = Objectives(available=0.99, quick=0.95, milliseconds=1000, least_requests=100)
NONE: dict[str, Engine] = {}


async def page(**meters: Meter) -> str:
    """What a service with these meters says at /metrics."""
    answer: Answer = await Metrics(NONE, {"": Meter(), **meters}, (), {}, Bodies()).page(None)  # type: ignore[arg-type]
    return answer.body.decode()


def asked(*answers: tuple[int, float], api: str = "predict") -> Meter:
    meter = Meter()
    for status, seconds in answers:
        meter.answered(api, status, seconds)
    return meter


def kept(text: str) -> promises.Kept:
    (found,) = promises.kept(text, PROMISED)
    return found


@pytest.fixture
def said() -> str:
    answers = [(200, 0.02)] * 96 + [(503, 0.02)] * 2 + [(200, 2.0)] * 2
    return asyncio.run(page(loan_default=asked(*answers), quiet=Meter(), fed=asked((202, 0.1), api="feedback")))


def test_errors_and_slow_answers_burn_their_budgets(said: str) -> None:
    found = kept(said)
    assert (found.workload, found.requests, found.errors) == ("loan_default", 100, 2)
    assert found.error_burn == pytest.approx(2)
    assert found.slow_burn == pytest.approx(0.4)
    assert not found.is_kept


def test_quantiles_lie_within_the_bucket_that_they_fall_in(said: str) -> None:
    found = kept(said)
    assert 0.01 <= found.median <= 0.025
    assert 1.0 <= found.slowest <= 2.5


def test_a_quantile_beyond_the_last_bound_is_not_made_up() -> None:
    assert promises.quantile([(0.1, 1), (inf, 10)], 0.5) == inf
    assert promises.quantile([(0.1, 5), (0.2, 10), (inf, 10)], 0.5) == pytest.approx(0.1)
    assert promises.quantile([(0.1, 0), (0.2, 10), (inf, 10)], 0.25) == pytest.approx(0.125)


@pytest.mark.parametrize(("seconds", "share"), [(0.05, 0.25), (0.1, 0.5), (0.2, 0.75), (0.15, 0.625), (9, 0.75)])
def test_the_share_up_to_a_time_grows_evenly_within_a_bucket(seconds: float, share: float) -> None:
    assert promises.within([(0.1, 2), (0.2, 3), (inf, 4)], seconds) == pytest.approx(share)


def test_the_last_bucket_is_not_taken_for_quick() -> None:
    assert promises.within([(0.1, 0), (inf, 4)], 1000) == 0


def test_what_asks_a_model_is_counted_under_the_names_that_the_service_gives_it() -> None:
    routes = (ROOT / "services" / "inference" / "service.py").read_text()
    assert set(re.findall(r'_asking\(.*?"(\w+)"[,)]', routes)) == promises.ASKING


def test_labels_are_read_as_they_were_before_they_were_written() -> None:
    (sample,) = exposition.parse('a_total{label="a \\"quoted\\" \\\\ back\\nslash",other=""} 3\nno sample\n')["a_total"]
    assert sample.labels == {"label": 'a "quoted" \\ back\nslash', "other": ""}
    assert sample.value == 3


def test_an_environment_may_promise_otherwise() -> None:
    promised = promises.objectives(ROOT, {"milliseconds": 200})
    assert promised.milliseconds == 200
    assert promised.available == yaml.safe_load((ROOT / promises.FILE).read_text())["available"]


def test_a_promise_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "infra").mkdir()
    (tmp_path / promises.FILE).write_text("available: often\n")
    with pytest.raises(Rejected, match=r"objectives\.yaml is not valid"):
        promises.objectives(tmp_path, {})
