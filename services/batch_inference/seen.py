"""What each task saw of a batch in; when all have, the manifest, the `latest` marker and the news, out."""

from collections.abc import Iterator
from contextlib import suppress

from pydantic import BaseModel, ConfigDict

from headrace import batches
from headrace.batches import Latest, Manifest, Output, Plan
from headrace.errors import Exists, HeadraceError, NotFound
from headrace.events import BatchScored
from headrace.ports import Objects, Platform
from headrace.settings import Task


class Seen(BaseModel):
    """How many stretches the input has, which every task counts, and the columns that are not used."""

    model_config = ConfigDict(frozen=True)

    stretches: int
    unused: tuple[str, ...] = ()


class Incomplete(HeadraceError):
    """Every task is through, and a part is missing, or there is one too many."""


def note(store: Objects, plan: Plan, task: Task, seen: Seen) -> None:
    """This task has written all that is its own."""
    with suppress(Exists):
        store.create(f"{_folder(plan, task)}{task.index:04d}.json", seen.model_dump_json().encode())


def finish(platform: Platform, plan: Plan, task: Task) -> Iterator[BatchScored]:
    """Tell that the batch is scored, if this task is the last of them; two that are last tell the same."""
    store, name = platform.store, batches.manifest_name(plan.workload, plan.batch)
    found = batches.read(store, name)
    if found is None:
        notes = [stat.name for stat in store.list(_folder(plan, task))]
        if len(notes) < task.count:
            return
        made = _manifest(store, plan, [Seen.model_validate_json(store.read(note)) for note in notes])
        with suppress(Exists):
            store.create(name, made.model_dump_json(indent=1).encode())
        found = store.read(name)
    manifest = Manifest.model_validate_json(found)
    address = store.uri(name)
    _move(store, plan.workload, Latest(batch=plan.batch, asked=plan.asked, manifest=address))
    yield BatchScored(
        workload=plan.workload,
        batch=plan.batch,
        version=plan.version,
        rows=manifest.rows,
        rejected=manifest.rejected,
        manifest=address,
    )


def _folder(plan: Plan, task: Task) -> str:
    """A run with another number of tasks shares the work otherwise, and the parts all the same."""
    return f"{batches.folder(plan.workload, plan.batch)}/tasks-{task.count}/"


def _manifest(store: Objects, plan: Plan, seen: list[Seen]) -> Manifest:
    outputs, rejects, images = (_outputs(store, plan, kind) for kind in ("parts", "rejects", "images"))
    counted = {each.stretches for each in seen}
    if counted != {len(outputs)}:
        raise Incomplete(f"batch {plan.batch} has {len(outputs)} parts, and its tasks counted {sorted(counted)}")
    return Manifest(
        workload=plan.workload,
        batch=plan.batch,
        version=plan.version,
        source=plan.source,
        asked=plan.asked,
        files=tuple(file.name for file in plan.files),
        rows=sum(each.rows for each in (*outputs, *rejects)),
        rejected=sum(each.rows for each in rejects),
        unused=tuple(dict.fromkeys(name for each in seen for name in each.unused)),
        outputs=outputs,
        rejects=rejects,
        images=images,
    )


def _outputs(store: Objects, plan: Plan, kind: str) -> tuple[Output, ...]:
    folder = f"{batches.folder(plan.workload, plan.batch)}/"
    return tuple(
        Output(
            name=stat.name.removeprefix(folder),
            size=stat.size,
            crc32c=stat.crc32c,
            rows=int(stat.metadata.get("rows", 0)),
        )
        for stat in store.list(f"{folder}{kind}/")
    )


def _move(store: Objects, workload: str, latest: Latest) -> None:
    """Let `latest` be the newest upload, unless a newer one was scored before it."""
    name = batches.latest_name(workload)
    while True:
        generation = _generation(store, name)
        if generation and Latest.model_validate_json(store.read(name)).asked >= latest.asked:
            return
        try:
            store.write(name, latest.model_dump_json(indent=1).encode(), over=generation)
        except Exists:
            continue  # another batch got there first; see which of them is newer
        return


def _generation(store: Objects, name: str) -> int:
    try:
        return store.stat(name).generation
    except NotFound:
        return 0
