"""Every event has words of its own, and the terminal shows them whatever is in them."""

import json
from pathlib import Path

import pytest
from rich.text import Text

from headrace.bus.envelope import unseal_message
from headrace.cli.wording import line
from headrace.events import EVENTS, Event, ModelPromoted, RetrainRequested
from headrace.records.wording import Words, words

SAMPLES = Path(__file__).parents[3] / "samples" / "events"


@pytest.mark.parametrize("wire", sorted(EVENTS))
def test_every_event_is_told_in_words_of_its_own(wire: str) -> None:
    sample = json.loads((SAMPLES / f"{EVENTS[wire].topic()}.json").read_text())
    fact = unseal_message(sample["body"]["message"]).fact
    assert isinstance(fact, Event)
    told = words(fact)
    assert told != Words(fact.subject)
    assert Text.from_markup(line(fact)).plain.split() == str(told).split()


def test_what_looks_like_markup_is_shown_as_it_is() -> None:
    fact = ModelPromoted(workload="loan_default", version=2, change=1, actor="ana", reason="[red]better[/]")
    assert Text.from_markup(line(fact)).plain == "version 2 is champion [red]better[/]"


def test_a_reason_to_retrain_is_told_where_one_was_given() -> None:
    asked = RetrainRequested(workload="loan_default", request="r1", dataset="d1", actor="ana")
    assert str(words(asked)) == "retraining on d1 asked for by ana"
    because = asked.model_copy(update={"reason": "new prices"})
    assert str(words(because)) == "retraining on d1 asked for by ana: new prices"
