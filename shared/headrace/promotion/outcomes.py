"""A version that was judged in; its model card in its MLflow run, with what has become of it since, out."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import zip_longest

from pydantic import TypeAdapter

from headrace.cards import html, markdown
from headrace.cards.document import Document, Section, Table
from headrace.errors import NotFound
from headrace.ports import Objects, Platform, Version
from headrace.promotion import decisions, promotions
from headrace.promotion.decisions import AWAITING
from headrace.promotion.promotions import BY_HAND, PROMOTED, REJECTED, ROLLED_BACK, VERDICT
from headrace.promotion.rejections import TRIAL
from headrace.promotion.trials import ON_TRIAL, SINCE

log = logging.getLogger("headrace.promotion")

SINCE_THEN = {
    PROMOTED: "and was promoted",
    REJECTED: "but was not promoted",
    ROLLED_BACK: "was promoted, and was rolled back",
    ON_TRIAL: "and is tried on traffic",
    AWAITING: "and waits for approval",
}
_document = TypeAdapter(Document)


def keep(store: Objects, version: Version, card: Document) -> None:
    """Keep the card as the judgement has it; what comes later is added to that."""
    store.write(_name(version.workload, version.number), _document.dump_json(card))


def conclude(platform: Platform, workload: str, number: int, verdict: str) -> None:
    """Give the version its verdict. The card comes first: who finds a verdict leaves everything as it is."""
    write(platform, workload, number, verdict)
    platform.registry.tag(workload, number, {VERDICT: verdict})


def write(platform: Platform, workload: str, number: int, verdict: str) -> None:
    """Write the version's card anew, for one that has a verdict or is just given it."""
    version = platform.registry.version(workload, number)
    card = card_of(platform.store, version, verdict)
    if card is None:
        return
    try:
        platform.registry.attach(version, "card/model.md", markdown.render(card).encode())
        platform.registry.attach(version, "card/model.html", html.render(card).encode())
    except NotFound as reason:
        log.warning("version %d of %s has no card: %s", number, workload, reason)


def card_of(store: Objects, version: Version, verdict: str) -> Document | None:
    """The card of a version with that verdict; None for one that was not judged, or that no run made."""
    try:
        card = _document.validate_json(store.read(_name(version.workload, version.number)))
    except NotFound:
        return None
    if card.good and verdict in SINCE_THEN:
        word, good = f"{card.word}, {SINCE_THEN[verdict]}", verdict not in (REJECTED, ROLLED_BACK)
        card = replace(card, word=word, good=good)
    steps = [(f"{at:%Y-%m-%d %H:%M}", *said) for at, *said in sorted(_steps(store, version))]
    if not steps:
        return card
    since = Section("What became of it", [Table(("time (UTC)", "what", "who", "why"), steps)])
    return replace(card, sections=[*card.sections[:1], since, *card.sections[1:]])


def _steps(store: Objects, version: Version) -> Iterator[tuple[datetime, str, str, str]]:
    """When, what, who, why."""
    if TRIAL in version.tags:
        tried = json.loads(version.tags[TRIAL])
        begun, what = datetime.fromisoformat(version.tags[SINCE]), f"trial on traffic: {tried['outcome']}"
        yield begun, what, "evaluator", "; ".join(tried["reasons"])
    if said := decisions.of(store, version.workload, version.number):
        yield said.at, said.word, said.actor, said.reason
    past = promotions.history(store, version.workload)
    for change, after in zip_longest(past, past[1:]):
        if change.version == version.number:
            yield change.at, "champion", _who(change.actor), change.reason
            if after and after.returns:
                yield after.at, "rolled back", _who(after.actor), after.reason


def _who(actor: str) -> str:
    return "by hand, in MLflow" if actor == BY_HAND else actor


def _name(workload: str, number: int) -> str:
    return f"cards/{workload}/version-{number:06d}.json"
