"""One workload's predictions and labels since the last check in; DriftChecked, and what follows if earned, out."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from headrace import catalogue
from headrace.bus import claims
from headrace.drift import LEAST_ROWS, Profile
from headrace.errors import NotFound
from headrace.ports import Platform, Version
from headrace.records import driftlog
from services.drift import judging, labels, state, truth, waiting, window
from services.drift.counting import Counter
from services.drift.deciding import Decision
from services.drift.judging import Fact
from services.drift.labels import Labels
from services.drift.state import Bounds, State
from services.drift.subject import Check
from services.drift.truth import Span
from services.drift.volume import unlike

LEASE = timedelta(minutes=10)


def check(workload: str, platform: Platform) -> Iterator[Fact]:
    """Look at what the champion predicted since the last check, and at labels, if they are enough to say anything."""
    champion = platform.registry.alias(workload, "champion")
    if champion is None:
        return
    before, generation = state.load(platform.store, workload)
    try:
        version = platform.registry.version(workload, before.pending.version) if before.pending else champion
    except NotFound:  # deleted since the check began: there is nothing left to hold the window against
        state.save(platform.store, workload, before.model_copy(update={"pending": None}), over=generation)
        return
    span = _span(before, version, before.pending.at if before.pending else platform.clock.now())
    if before.pending is None:
        before, generation = _heard(platform, workload, before, generation, span)
    with TemporaryDirectory(prefix="headrace-") as scratch:
        this, profile = _begun(platform, version, before, span, Path(scratch))
        if before.pending is None:
            if why := _why_not(this, profile):
                yield from _unjudged(this, why, generation)
                return
            begun = before.model_copy(update={"pending": this.bounds})
            generation = state.save(platform.store, workload, begun, over=generation)
        with claims.once(platform.store, platform.clock, f"drift/{workload}/{this.id}", LEASE) as mine:
            if mine:
                yield from judging.judge(this, generation)


def _span(before: State, version: Version, at: datetime) -> Span:
    """Labels are waited for, and all of the window's own count."""
    waited = timedelta(days=catalogue.describe(version.workload).drift.label_days)
    return Span(min(at - waited, before.since or version.created), at)


def _heard(platform: Platform, workload: str, before: State, generation: int, span: Span) -> tuple[State, int]:
    """Put the labels that have arrived since the last check with those that wait, and note how far that was."""
    until = labels.last(platform.audit, before.heard)
    if until == before.heard:
        return before, generation
    came = labels.read(platform.audit, workload, before.heard, until, span.since)
    waited, at = waiting.load(platform.store, workload)
    if came.said:
        both = Labels.of((*came.said.values(), *waited.said.values()))
        waiting.save(platform.store, workload, both, span.since, over=at)
    heard = before.model_copy(update={"heard": until})
    return heard, state.save(platform.store, workload, heard, over=generation)


def _begun(platform: Platform, version: Version, before: State, span: Span, export: Path) -> tuple[Check, Profile]:
    """The window, counted, with rows whose truth is known; and what it is held against, which lies in `export` then."""
    audit, workload = platform.audit, version.workload
    objects = window.objects(audit, before.checked, before.pending.until if before.pending else None)
    known, _ = waiting.load(platform.store, workload)
    if objects or len(known) >= LEAST_ROWS:
        platform.registry.download(version, export)
    profile = Profile.read(export)
    seen = window.read(audit, objects, before.checked, Counter(workload, version.number, profile, export))
    bounds = before.pending or Bounds(version=version.number, until=seen.until, at=span.at)
    rows = truth.rows(platform, version, known, seen.requests, span, LEAST_ROWS)
    return Check(platform, version, before, seen, rows, span, bounds, export), profile


def _why_not(this: Check, profile: Profile) -> str:
    """What keeps a window from being judged, if anything does."""
    rows, least = this.seen.rows, this.rule.min_rows
    if not this.has_rows and not this.labelled:
        return f"not enough: {rows} rows, {least} are needed"
    return "" if profile.parts else f"version {this.version.number} has no profile: train it again"


def _unjudged(this: Check, why: str, generation: int) -> Iterator[Fact]:
    """Say why there is nothing to say; and of rows that stay away for long, that they do."""
    volume = unlike(this.volume, this.before.volumes, complete=False)
    entry = this.entry(Decision("not enough", False, why), volume=volume)
    driftlog.record(this.platform.store, entry)
    yield judging.checked(entry)
    suspected = ("volume",) if volume else ()
    if suspected and suspected != this.before.suspected:
        yield judging.suspected(entry)
        told = this.before.model_copy(update={"suspected": suspected})
        state.save(this.platform.store, entry.workload, told, over=generation)
