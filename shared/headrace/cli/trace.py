"""`headrace trace`: how a model version came to be, from the upload to the first request it answered."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Column, Table

from headrace import catalogue
from headrace.cli.session import HERE, State, command, connect, console
from headrace.cli.wording import line
from headrace.data import datasets
from headrace.errors import NotFound, Rejected
from headrace.events import DatasetReady, DriftDetected, ModelPromoted, ModelRegistered, ModelRejected
from headrace.ports import Platform, Version
from headrace.promotion import promotions
from headrace.records import audit

Step = tuple[datetime, str]


@command
def trace(
    model: Annotated[str, typer.Argument(help="WORKLOAD@ALIAS or WORKLOAD/VERSION.")], state: State = HERE
) -> None:
    """Tell the story of a model version from the audit trail, with times."""
    platform = connect(state)
    console.print(story(platform, _resolve(platform, model)))


def story(platform: Platform, version: Version) -> Table:
    """One line a step: when, how long after the first, and what happened."""
    table = Table(
        "time (UTC)", "after", Column("what", overflow="fold"), title=f"{version.workload} version {version.number}"
    )
    steps = sorted(_steps(platform, version))
    for at, what in steps:
        table.add_row(f"{at:%Y-%m-%d %H:%M:%S}", f"{(at - steps[0][0]).total_seconds():.1f} s", what)
    return table


def _steps(platform: Platform, version: Version) -> Iterator[Step]:
    tags = version.tags
    dataset = tags.get("headrace.dataset", "")
    written = list(_upload(platform, version.workload, dataset)) if dataset else []
    yield from written
    job = tags.get("headrace.job", "")
    with suppress(NotFound):
        yield platform.jobs.get(job).created, f"job {job} submitted for {tags.get('headrace.candidate')}"
    yield version.created, f"registered as version {version.number} from run {version.run_id}"
    since = min([version.created, *(at for at, _ in written)])
    for recorded in audit.told(platform.audit, version.workload, since):
        match recorded.fact:
            case DatasetReady() | DriftDetected() if recorded.fact.dataset == dataset:
                yield recorded.at, line(recorded.fact)
            case ModelRegistered() | ModelRejected() | ModelPromoted() if recorded.fact.version == version.number:
                yield recorded.at, f"{line(recorded.fact)} ({recorded.source.rsplit('/', 1)[-1]})"
    for change in promotions.history(platform.store, version.workload):
        if change.version == version.number:
            yield change.at, f"change {change.change} of champion by {change.actor}"
    if served := audit.first_served(platform.audit, version):
        yield served, "answered its first request"


def _upload(platform: Platform, workload: str, dataset: str) -> Iterator[Step]:
    for file in datasets.load(platform.store, workload, dataset).files:
        bucket = platform.data if file.bucket == platform.data.bucket else platform.store
        try:
            stat = bucket.stat(file.object)
        except NotFound:
            continue
        yield stat.updated, f"{bucket.uri(file.object)} written ({file.size:,} bytes)"


def _resolve(platform: Platform, model: str) -> Version:
    workload, at, alias = model.partition("@")
    if at:
        catalogue.describe(workload)
        found = platform.registry.alias(workload, alias)
        if found is None:
            raise Rejected(f"{workload} has no {alias}; `headrace status` shows what it has")
        return found
    workload, _, number = model.partition("/")
    catalogue.describe(workload)
    if not number.isdecimal():
        raise Rejected(f"{model!r} is neither WORKLOAD@ALIAS nor WORKLOAD/VERSION")
    return platform.registry.version(workload, int(number))
