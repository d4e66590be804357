"""A complete upload in; its plan, once for the same content and model, and a job that carries it out, out."""

from collections.abc import Sequence
from hashlib import sha256

from headrace import catalogue, tracing
from headrace.batches.records import (
    Asked,
    Form,
    Plan,
    asked_name,
    create,
    folder,
    load,
    manifest_name,
    read,
    rejection_name,
)
from headrace.bus import claims
from headrace.data import datasets, uploads
from headrace.data.datasets import File
from headrace.data.uploads import Upload
from headrace.errors import NotFound, Rejected
from headrace.ports import Objects, Platform

ROOT = "batch-input/"
SCHEDULED = "scheduled"
"""The folder of a workload there whose uploads wait for the job's schedule."""
JOB = "batch-inference"

FORMS: dict[Form, tuple[str, ...]] = {
    "csv": (".csv", ".csv.gz"),
    "parquet": (".parquet",),
    "text": (".txt", ".txt.gz"),
    "images": (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"),
}
_ENDINGS = tuple(ending for endings in FORMS.values() for ending in endings)


def upload_of(name: str) -> tuple[Upload, bool] | None:
    """The upload that an object under ROOT completes, if it does, and whether it waits for the schedule."""
    workload, _, rest = name.removeprefix(ROOT).partition("/")
    if not rest.startswith(f"{SCHEDULED}/"):
        upload = Upload.of(name, ROOT)
        return (upload, False) if upload else None
    upload = Upload.of(name, f"{ROOT}{workload}/")
    return (Upload(workload, upload.folder), True) if upload else None


def ask(platform: Platform, upload: Upload, name: str, source: str, pinned: str = "") -> None:
    """Have an upload scored by the version `pinned`, or by who is champion when it is first seen.

    A repeat goes on with what was decided then. Raises Rejected when the upload cannot be scored, and NotFound when it
    was deleted meanwhile.
    """
    note = asked_name(upload.workload, source)
    asked = _asked(platform.store, note)
    if asked is None:
        try:
            asked = Asked(batch=plan(platform, upload, name, source, pinned).batch)
        except Rejected as reason:
            asked = Asked(reason=str(reason))
        if not create(platform.store, note, asked):
            asked = _asked(platform.store, note) or asked
    if asked.reason:
        raise Rejected(asked.reason)
    start(platform, load(platform.store, upload.workload, asked.batch))


def plan(platform: Platform, upload: Upload, name: str, source: str, pinned: str = "") -> Plan:
    """The plan for an upload, written once: the same content for the same version is the same batch."""
    catalogue.describe(upload.workload)
    files = uploads.files_of(upload, name, platform.data)
    form = _form(files)
    version = _version(platform, upload.workload, pinned)
    made = Plan(
        workload=upload.workload,
        batch=sha256(f"{form}/{datasets.version_of(files)}/{version}".encode()).hexdigest()[:16],
        version=version,
        source=source,
        asked=platform.clock.now(),
        traceparent=tracing.current().traceparent,
        form=form,
        files=tuple(sorted(files, key=lambda file: file.name)),
    )
    name = f"{folder(made.workload, made.batch)}/plan.json"
    return made if create(platform.store, name, made) else load(platform.store, made.workload, made.batch)


def start(platform: Platform, plan: Plan) -> None:
    """Start the job for a batch that is not scored, once an hour at most: by then the one before it has ended.

    Raises Rejected for a batch that a job found it cannot score.
    """
    if read(platform.store, manifest_name(plan.workload, plan.batch)):
        return
    if reason := read(platform.store, rejection_name(plan.workload, plan.batch)):
        raise Rejected(reason.decode())
    hour = f"{platform.clock.now():%Y-%m-%dT%H}"
    with claims.once(platform.store, platform.clock, f"batches/{plan.workload}/{plan.batch}/{hour}") as mine:
        if mine:
            arguments = ["--workload", plan.workload, "--batch", plan.batch]
            platform.runs.run(JOB, arguments, plan.tasks)


def _form(files: Sequence[File]) -> Form:
    found = set()
    for file in files:
        form = next((form for form, endings in FORMS.items() if file.name.lower().endswith(endings)), None)
        if form is None:
            raise Rejected(f"{file.name} is not one of {', '.join(_ENDINGS)}; rename it, or leave it out")
        found.add(form)
    if len(found) > 1:
        raise Rejected(f"there are files of {' and '.join(sorted(found))} in it; drop one kind at a time")
    if not any(file.size for file in files):
        raise Rejected("there is not a byte in it; upload it again")
    return next(iter(found))


def _version(platform: Platform, workload: str, pinned: str) -> int:
    if pinned:
        if not pinned.isdecimal():
            raise Rejected(f"{pinned!r} is no version of {workload}; name one by its number")
        try:
            return platform.registry.version(workload, int(pinned)).number
        except NotFound:
            raise Rejected(f"{workload} has no version {pinned}; leave it out for the champion") from None
    champion = platform.registry.alias(workload, "champion")
    if champion is None:
        raise Rejected(f"{workload} has no champion yet; `headrace drop {workload} DATA` trains one")
    return champion.number


def _asked(store: Objects, name: str) -> Asked | None:
    found = read(store, name)
    return Asked.model_validate_json(found) if found else None
