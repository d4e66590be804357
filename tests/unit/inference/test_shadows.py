from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

from headrace.workload import Instance

from .fakes import FakePlatform
from .running import lines, until
from .trials import CHAMPION, Manners, ask, challenger, fail, outcome, trying

RULE: dict[str, Any] = {
    "mode": "shadow",
    "share": 1,
    "requests": 30,
    "max_latency_ratio": 1000,
    "max_disagreement": 0.1,
}


def test_a_shadow_answers_nobody_and_both_answers_are_logged(platform: FakePlatform, tmp_path: Path) -> None:
    manners = Manners()
    with trying(platform, tmp_path, manners, **{**RULE, "requests": 1000}) as client:
        answers = ask(client, 25)
        until(lambda: len(manners.seen) == 25)
    assert {answer["version"] for answer in answers} == {CHAMPION}
    logged = lines(platform.fake_bus, "predictions")
    served = {line["request_id"]: line for line in logged if "shadow" not in line}
    shadowed = {line["request_id"]: line for line in logged if line.get("shadow")}
    assert set(served) == set(shadowed) == {answer["request_id"] for answer in answers}
    for name, line in shadowed.items():
        assert (line["version"], line["alias"], line["trace"]) == (2, "challenger", served[name]["trace"])
        assert line["predictions"] == [{"score": 2003.0, "label": "good"}]
        assert line["instances"] == served[name]["instances"] == [{"a": 1, "b": 2}]


def test_a_shadow_that_agrees_passes(platform: FakePlatform, tmp_path: Path) -> None:
    with trying(platform, tmp_path, **RULE) as client:
        until(lambda: ask(client, 10) and challenger(client)["state"] != "running")
        fact = outcome(platform)
    assert (fact.mode, fact.outcome, fact.requests, fact.errors, fact.disagreement) == ("shadow", "passed", 30, 0, 0)
    assert "0.0% of the answers differ" in fact.reasons[0]


def test_a_shadow_that_disagrees_is_aborted(platform: FakePlatform, tmp_path: Path) -> None:
    manners = Manners(label=lambda number: "good" if number == CHAMPION else "bad")
    with trying(platform, tmp_path, manners, **RULE) as client:
        until(lambda: ask(client, 10) and challenger(client)["state"] != "running")
    assert "of its answers differ from the champion's; 10.0% are allowed" in outcome(platform).reasons[0]


def test_a_shadow_that_fails_is_aborted(platform: FakePlatform, tmp_path: Path) -> None:
    with trying(platform, tmp_path, Manners(on=fail), **RULE) as client:
        until(lambda: ask(client, 10) and challenger(client)["state"] != "running")
    assert "requests failed, 0 of the champion's" in outcome(platform).reasons[0]


def test_a_shadow_that_lags_keeps_nobody_waiting_and_what_it_missed_is_counted(
    platform: FakePlatform, tmp_path: Path
) -> None:
    over = Event()

    def hang(_: Sequence[Instance]) -> None:
        over.wait(10)

    with trying(platform, tmp_path, Manners(on=hang), **{**RULE, "requests": 1000}) as client:
        ask(client, 80)
        said = challenger(client)
        assert (said["dropped"], said["challenger"]["requests"]) == (48, 0)
        assert 'headrace_trial_dropped{workload="tiny"} 48' in client.get("/metrics").text
        over.set()
        until(lambda: challenger(client)["challenger"]["requests"] == 32)
