"""One workload's predictions since the last check in; DriftChecked, and what follows where it is earned, out."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from headrace.bus import claims
from headrace.drift import Profile
from headrace.errors import NotFound
from headrace.events import DataSuspected, DriftChecked, DriftDetected
from headrace.ports import Platform, Version
from headrace.records import driftlog
from services.drift import judging, labels, state, window
from services.drift.counting import Counter
from services.drift.deciding import Decision
from services.drift.judging import LEASE, Check
from services.drift.state import Bounds, State
from services.drift.volume import unlike
from services.drift.window import Seen

Fact = DriftChecked | DriftDetected | DataSuspected


def check(workload: str, platform: Platform) -> Iterator[Fact]:
    """Look at what the champion predicted since the last check, if that is enough to say anything."""
    champion = platform.registry.alias(workload, "champion")
    if champion is None:
        return
    before, generation = state.load(platform.store, workload)
    try:
        version = platform.registry.version(workload, before.pending.version) if before.pending else champion
    except NotFound:  # deleted since the check began: there is nothing left to hold the window against
        state.save(platform.store, workload, before.model_copy(update={"pending": None}), over=generation)
        return
    with TemporaryDirectory(prefix="headrace-") as scratch:
        seen, profile = _seen(platform, version, before, Path(scratch))
        bounds = before.pending or Bounds(version=version.number, until=seen.until, at=platform.clock.now())
        this = Check(platform, version, before, seen, bounds, Path(scratch))
        if before.pending is None:
            if why := _why_not(this, profile):
                yield from _unjudged(this, why, generation)
                return
            begun = before.model_copy(update={"pending": bounds})
            generation = state.save(platform.store, workload, begun, over=generation)
        key = f"drift/{workload}/{sha256(f'{before.checked}/{bounds.until}'.encode()).hexdigest()[:12]}"
        with claims.once(platform.store, platform.clock, key, LEASE) as mine:
            if mine:
                yield from judging.judge(this, generation)


def _seen(platform: Platform, version: Version, before: State, export: Path) -> tuple[Seen, Profile]:
    """The window, counted; and what it is held against, which lies in `export` unless nothing came."""
    objects = window.objects(platform.audit, before.checked, before.pending.until if before.pending else None)
    if objects:
        platform.registry.download(version, export)
    profile = Profile.read(export)
    known = labels.read(platform.audit, version.workload, labels.since(before.checked))
    counter = Counter(version.workload, version.number, profile, known)
    return window.read(platform.audit, objects, before.checked, counter), profile


def _why_not(this: Check, profile: Profile) -> str:
    """What keeps a window from being judged, if anything does."""
    rows, least = this.seen.rows, this.rule.min_rows
    if rows < least:
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
