"""A batch and a task's number among several in; every stretch of the input that is this task's, scored, out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from headrace import batches
from headrace.batches import Plan
from headrace.data.datasets import File
from headrace.data.downloads import uploaded_again
from headrace.errors import NotFound, Rejected, Unavailable
from headrace.ports import Objects, Platform
from headrace.settings import Task
from headrace.workload import Field
from services.batch_inference.inputs.blocks import BLOCK
from services.batch_inference.inputs.delimited import Delimited, Lines
from services.batch_inference.inputs.parquet import Parquet
from services.batch_inference.inputs.pictures import Pictures
from services.batch_inference.inputs.rows import Reader, only
from services.batch_inference.parts import Parts
from services.batch_inference.predictor import Predictor
from services.batch_inference.seen import Seen


def score(platform: Platform, plan: Plan, task: Task) -> Seen:
    """Score stretch `n` of file `f` where f + n is this task's number, modulo the number of tasks.

    A stretch whose part is there is passed over, whichever task wrote it. Raises Rejected for an input that cannot be
    scored at all.
    """
    predictor = _predictor(platform, plan)
    folder = batches.folder(plan.workload, plan.batch)
    parts = Parts(platform.store, folder, predictor.columns, plan.form == "parquet")
    stretches, unused = 0, dict[str, None]()
    for place, file in enumerate(_inputs(plan)):
        if _is_one_stretch(plan, file) and place % task.count != task.index:
            stretches += 1
            continue
        with _reader(platform, plan, file, predictor.fields) as reader:
            for stretch in reader.stretches():
                stretches += 1
                name = _name(place, stretch.number)
                if (place + stretch.number) % task.count == task.index and not parts.has(name):
                    parts.write(name, file.name if file else "", reader.key, stretch.rows(), predictor)
            unused |= dict.fromkeys(reader.unused)
    return Seen(stretches=stretches, unused=tuple(unused))


def _predictor(platform: Platform, plan: Plan) -> Predictor:
    with TemporaryDirectory(prefix="headrace-") as scratch:
        try:
            version = platform.registry.version(plan.workload, plan.version)
            platform.registry.download(version, Path(scratch))
        except NotFound as error:
            raise Rejected(f"version {plan.version} of {plan.workload} is gone: {error}") from None
        return Predictor(plan.workload, Path(scratch))


def _inputs(plan: Plan) -> Sequence[File | None]:
    """Each file of rows; a folder of pictures is one input, whose rows have names of their own."""
    return [None] if plan.form == "images" else plan.files


def _is_one_stretch(plan: Plan, file: File | None) -> bool:
    """Whether the file is known to have one stretch without being read, which spares a task those of the others."""
    unpacked = plan.form in ("csv", "text") and file is not None and not file.name.lower().endswith(".gz")
    return bool(unpacked and file and 0 < file.size < BLOCK)


def _name(place: int, stretch: int) -> str:
    return f"{place:05d}-{stretch:06d}"


@contextmanager
def _reader(platform: Platform, plan: Plan, file: File | None, fields: Sequence[Field]) -> Iterator[Reader]:
    if file is None:
        yield Pictures(platform.data, plan.files, only(fields, "image", "the upload"))
        return
    try:
        with platform.data.open(file.object, uploaded_again(platform.data, file).generation) as stream:
            if plan.form == "csv":
                yield Delimited(file.name, stream, fields)
            elif plan.form == "parquet":
                yield Parquet(file.name, stream, fields)
            else:
                yield Lines(file.name, stream, only(fields, "text", file.name))
    except NotFound:
        raise _gone(platform.data, file) from None


def _gone(bucket: Objects, file: File) -> Rejected | Unavailable:
    """What there is to say of a file that could not be read to its end."""
    place = f"{bucket.uri(file.object)}#{file.generation}"
    try:
        uploaded_again(bucket, file)
    except NotFound:
        return Rejected(f"{place} is gone or was overwritten before it was scored; upload it again")
    return Unavailable(f"{place} was uploaded again while it was read; the next attempt reads that")
