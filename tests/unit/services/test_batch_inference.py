import csv
import json
from collections.abc import Callable, Iterator
from io import BytesIO, StringIO
from itertools import count
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from functions.ingest.main import ingest
from headrace import batches
from headrace.batches import ROOT, Latest, Manifest
from headrace.bus.triggers import ObjectFinalized
from headrace.errors import Unavailable
from headrace.events import BatchScored, DatasetReady, DatasetRejected
from headrace.settings import Task
from services.batch_inference import scheduled
from services.batch_inference.inputs.blocks import BLOCK
from services.batch_inference.main import score
from tests.fakes import FakePlatform, together
from workloads.loan_default.generator import write_csv

from .conftest import Models
from .judging import Register, W

Fact = BatchScored | DatasetRejected
ROWS = 30


@pytest.fixture
def scoring(platform: FakePlatform, register: Register, models: Models) -> FakePlatform:
    """A platform with a champion, and nothing to score yet."""
    platform.registry.set_alias(W, "champion", register(models.good).number)
    return platform


@pytest.fixture
def loans(tmp_path: Path) -> bytes:
    return month(tmp_path)


def month(folder: Path, rows: int = ROWS, seed: int = 1) -> bytes:
    path = folder / f"month-{seed}.csv"
    write_csv(path, rows, "2024-06", seed=seed)
    return path.read_bytes()


def drop(
    platform: FakePlatform, name: str, content: bytes = b"", **metadata: str
) -> list[DatasetReady | DatasetRejected]:
    """What ingest makes of an object under `batch-input/`."""
    name = f"{ROOT}{W}/{name}"
    generation = platform.data.write(name, content)
    event = ObjectFinalized(
        bucket=platform.data.bucket, name=name, generation=generation, size=len(content), metadata=metadata
    )
    return list(ingest(event, platform))


def run(platform: FakePlatform) -> list[Fact]:
    """Every task of the last job that was started."""
    started = platform.runs.started[-1]
    return [fact for task in range(started.tasks) for fact in attempt(platform, task, started.tasks)]


def attempt(platform: FakePlatform, task: int = 0, of: int = 1) -> list[Fact]:
    return list(score(platform, W, batch_of(platform), Task(task, of)))


def batch_of(platform: FakePlatform) -> str:
    return platform.runs.started[-1].arguments[-1]


def manifest(platform: FakePlatform) -> Manifest:
    return Manifest.model_validate_json(platform.store.read(batches.manifest_name(W, batch_of(platform))))


def table(platform: FakePlatform, kind: str = "parts") -> list[dict[str, str]]:
    """The rows of all outputs, or rejects, in order."""
    names = platform.store.names(f"{batches.folder(W, batch_of(platform))}/{kind}/")
    return [row for name in names for row in csv.DictReader(StringIO(platform.store.read(name).decode()))]


def written(platform: FakePlatform) -> dict[str, bytes]:
    """Every object of the last batch with its content."""
    return {name: platform.store.read(name) for name in platform.store.names(batches.folder(W, batch_of(platform)))}


def spoilt(loans: bytes) -> bytes:
    """Loans with a rate that is none on line 3, a cell too many on line 6 and nothing that a model uses on line 9."""
    rows = list(csv.reader(StringIO(loans.decode())))
    rows[2][rows[0].index("int_rate")] = "a lot"
    rows[5].append("?")
    rows[8] = [""] * len(rows[0])
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def folder(platform: FakePlatform, tmp_path: Path, files: int = 3) -> None:
    """A complete folder of months, the second of them spoilt."""
    for seed in range(files):
        content = month(tmp_path, ROWS, seed + 1)
        drop(platform, f"spring/{seed}.csv", spoilt(content) if seed == 1 else content)
    assert drop(platform, "spring/_SUCCESS") == []


def test_a_file_is_scored_by_the_champion_with_one_answer_a_row(scoring: FakePlatform, loans: bytes) -> None:
    assert drop(scoring, "june.csv", loans) == []
    started = scoring.runs.started
    assert [(each.job, each.tasks) for each in started] == [("batch-inference", 1)]
    (fact,) = run(scoring)
    assert isinstance(fact, BatchScored)
    assert (fact.version, fact.rows, fact.rejected) == (1, ROWS, 0)
    answers = table(scoring)
    assert [int(each["line"]) for each in answers] == list(range(2, ROWS + 2))
    assert {each["label"] for each in answers} <= {"fully_paid", "charged_off"}
    assert all(0 < float(each["default_probability"]) < 1 for each in answers)
    (output,) = manifest(scoring).outputs
    name = f"{batches.folder(W, fact.batch)}/{output.name}"
    assert (output.rows, output.crc32c) == (ROWS, scoring.store.stat(name).crc32c)
    latest = Latest.model_validate_json(scoring.store.read(batches.latest_name(W)))
    assert (latest.batch, latest.manifest) == (fact.batch, fact.manifest)


def test_nothing_of_batch_input_becomes_a_dataset(scoring: FakePlatform, loans: bytes) -> None:
    drop(scoring, "june.csv", loans)
    assert [name for name in scoring.store.names("datasets/") if "batch" in name] == []
    assert scoring.store.names(f"datasets/{ROOT.strip('/')}") == ()


def test_bad_rows_are_rejected_with_their_lines_and_reasons_and_the_others_answered(
    scoring: FakePlatform, loans: bytes
) -> None:
    drop(scoring, "june.csv", spoilt(loans))
    (fact,) = run(scoring)
    assert isinstance(fact, BatchScored)
    assert (fact.rows, fact.rejected) == (ROWS, 3)
    rejects = table(scoring, "rejects")
    assert [(each["file"], each["line"]) for each in rejects] == [
        ("june.csv", "3"),
        ("june.csv", "6"),
        ("june.csv", "9"),
    ]
    assert "int_rate" in rejects[0]["reason"]
    assert "cells, and the header" in rejects[1]["reason"]
    assert "no value that the model uses" in rejects[2]["reason"]
    assert {each["line"] for each in table(scoring)}.isdisjoint({"3", "6", "9"})
    assert len(table(scoring)) == ROWS - 3


def test_answers_beside_bad_rows_are_those_that_good_rows_get_alone(scoring: FakePlatform, loans: bytes) -> None:
    drop(scoring, "june.csv", loans)
    run(scoring)
    alone = {each["line"]: float(each["default_probability"]) for each in table(scoring)}
    drop(scoring, "spoilt.csv", spoilt(loans))
    run(scoring)
    for each in table(scoring):
        assert float(each["default_probability"]) == pytest.approx(alone[each["line"]], abs=1e-6)


def test_parquet_comes_out_as_parquet_with_the_numbers_of_rows(scoring: FakePlatform, loans: bytes) -> None:
    rows = list(csv.DictReader(StringIO(loans.decode())))
    stream = BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist([{**row, "dti": float(row["dti"] or "nan")} for row in rows]), stream)
    drop(scoring, "june.parquet", stream.getvalue())
    (fact,) = run(scoring)
    assert isinstance(fact, BatchScored)
    (name,) = scoring.store.names(f"{batches.folder(W, fact.batch)}/parts/")
    found = parquet.read_table(BytesIO(scoring.store.read(name))).to_pylist()
    assert [each["row"] for each in found] == list(range(1, ROWS + 1))
    drop(scoring, "june.csv", loans)
    run(scoring)
    expected = [float(each["default_probability"]) for each in table(scoring)]
    assert [each["default_probability"] for each in found] == pytest.approx(expected, abs=1e-6)


def test_a_folder_waits_for_its_marker_and_is_one_batch(scoring: FakePlatform, tmp_path: Path) -> None:
    folder(scoring, tmp_path)
    assert len(scoring.runs.started) == 1
    facts = [fact for task in range(2) for fact in attempt(scoring, task, of=2)]
    (fact,) = facts
    assert isinstance(fact, BatchScored)
    assert (fact.rows, fact.rejected) == (3 * ROWS, 3)
    assert [output.rows for output in manifest(scoring).outputs] == [ROWS, ROWS - 3, ROWS]
    assert manifest(scoring).files == ("0.csv", "1.csv", "2.csv")


def test_the_last_task_of_several_tells_and_the_marker_moves_last(scoring: FakePlatform, tmp_path: Path) -> None:
    folder(scoring, tmp_path)
    calls: list[str] = []
    scoring.store.before = lambda method, name: calls.append(name) if method in ("write", "create", "upload") else None
    assert attempt(scoring, 1, of=2) == []
    assert batches.latest_name(W) not in scoring.store.names()
    (fact,) = attempt(scoring, 0, of=2)
    assert isinstance(fact, BatchScored)
    assert calls[-2:] == [batches.manifest_name(W, fact.batch), batches.latest_name(W)]


def test_the_same_upload_five_times_and_at_once_is_one_scored_batch(scoring: FakePlatform, loans: bytes) -> None:
    together(5, lambda: drop(scoring, "june.csv", loans))
    for _ in range(5):
        drop(scoring, "again.csv", loans)
    assert len(scoring.runs.started) == 1
    facts = [fact for _ in range(5) for fact in attempt(scoring)]
    assert len({fact.id for fact in facts}) == 1
    before = written(scoring)
    drop(scoring, "june.csv", loans)
    assert len(scoring.runs.started) == 1
    assert written(scoring) == before


def test_a_delivery_that_comes_again_after_a_promotion_is_still_the_batch_it_was(
    scoring: FakePlatform, register: Register, models: Models, loans: bytes
) -> None:
    drop(scoring, "june.csv", loans)
    stat = scoring.data.stat(f"{ROOT}{W}/june.csv")
    scoring.registry.set_alias(W, "champion", register(models.contrary).number)
    again = ObjectFinalized(bucket=scoring.data.bucket, name=stat.name, generation=stat.generation, size=stat.size)
    assert list(ingest(again, scoring)) == []
    assert len(scoring.runs.started) == 1


def test_the_same_rows_for_another_champion_are_another_batch_and_the_latest(
    scoring: FakePlatform, register: Register, models: Models, loans: bytes
) -> None:
    drop(scoring, "june.csv", loans)
    first = batch_of(scoring)
    run(scoring)
    scoring.clock.advance(minutes=1)
    scoring.registry.set_alias(W, "champion", register(models.contrary).number)
    drop(scoring, "june.csv", loans)
    assert batch_of(scoring) != first
    (fact,) = run(scoring)
    assert isinstance(fact, BatchScored)
    assert fact.version == 2
    assert json.loads(scoring.store.read(batches.latest_name(W)))["batch"] == fact.batch


def test_an_older_upload_that_is_scored_later_does_not_move_the_marker_back(
    scoring: FakePlatform, tmp_path: Path
) -> None:
    drop(scoring, "june.csv", month(tmp_path, seed=1))
    older = batch_of(scoring)
    scoring.clock.advance(minutes=1)
    drop(scoring, "july.csv", month(tmp_path, seed=2))
    newer = batch_of(scoring)
    run(scoring)
    assert list(score(scoring, W, older, Task()))
    assert json.loads(scoring.store.read(batches.latest_name(W)))["batch"] == newer


def test_a_version_can_be_asked_for(scoring: FakePlatform, register: Register, models: Models, loans: bytes) -> None:
    other = register(models.contrary).number
    assert drop(scoring, "june.csv", loans, version=str(other)) == []
    (fact,) = run(scoring)
    assert isinstance(fact, BatchScored)
    assert fact.version == other


@pytest.mark.parametrize(
    ("name", "content", "version", "said"),
    [
        ("june.csv", b"", "", "there is not a byte in it"),
        ("june.zip", b"PK", "", "june.zip is not one of .csv, .csv.gz, .parquet"),
        ("june.csv", b"a,b\n", "9", "loan_default has no version 9"),
        ("june.csv", b"a,b\n", "newest", "'newest' is no version of loan_default"),
    ],
)
def test_what_cannot_be_scored_is_rejected_when_it_is_dropped(
    scoring: FakePlatform, name: str, content: bytes, version: str, said: str
) -> None:
    (fact,) = drop(scoring, name, content, version=version)
    assert isinstance(fact, DatasetRejected)
    assert said in fact.reason
    assert scoring.runs.started == []


def test_without_a_champion_nothing_is_scored(platform: FakePlatform, loans: bytes) -> None:
    (fact,) = drop(platform, "june.csv", loans)
    assert isinstance(fact, DatasetRejected)
    assert fact.reason.startswith("loan_default has no champion yet")


def test_a_table_of_something_else_is_rejected_by_the_job_and_so_is_its_repeat(scoring: FakePlatform) -> None:
    drop(scoring, "towns.csv", b"city,population\nBern,134794\n")
    (fact,) = run(scoring)
    assert isinstance(fact, DatasetRejected)
    assert "towns.csv lacks the columns that the model asks for" in fact.reason
    (again,) = drop(scoring, "towns.csv", b"city,population\nBern,134794\n")
    assert isinstance(again, DatasetRejected)
    assert again.reason == fact.reason
    assert len(scoring.runs.started) == 1


def test_a_file_that_is_overwritten_before_it_is_scored_is_rejected(scoring: FakePlatform, loans: bytes) -> None:
    drop(scoring, "june.csv", loans)
    scoring.data.write(f"{ROOT}{W}/june.csv", b"a,b\n")
    (fact,) = run(scoring)
    assert isinstance(fact, DatasetRejected)
    assert "is gone or was overwritten before it was scored" in fact.reason


def test_a_file_that_is_uploaded_again_before_it_is_scored_is_scored(scoring: FakePlatform, loans: bytes) -> None:
    drop(scoring, "june.csv", loans)
    scoring.data.write(f"{ROOT}{W}/june.csv", loans)
    (fact,) = run(scoring)
    assert isinstance(fact, BatchScored)


def test_a_file_that_is_uploaded_again_while_it_is_read_is_read_by_the_next_attempt(
    scoring: FakePlatform, loans: bytes
) -> None:
    drop(scoring, "june.csv", loans)

    def upload(method: str, _: str) -> None:
        if method == "open":
            scoring.data.before = lambda *_: None
            scoring.data.write(f"{ROOT}{W}/june.csv", loans)

    scoring.data.before = upload
    with pytest.raises(Unavailable, match="was uploaded again while it was read"):
        attempt(scoring)
    (fact,) = attempt(scoring)
    assert isinstance(fact, BatchScored)


def killings(platform: FakePlatform, at: int) -> Iterator[None]:
    """Let the process die at its call number `at` to the store, the data or the registry."""
    seen = count(1)

    def before(*_: str) -> None:
        if next(seen) == at:
            raise ConnectionError("killed")

    platform.store.before = platform.data.before = platform.registry.before = before
    yield
    platform.store.before = platform.data.before = lambda *_: None
    platform.registry.before = lambda _: None


def test_a_task_that_is_killed_at_any_call_goes_on_to_the_same_end(scoring: FakePlatform, tmp_path: Path) -> None:
    folder(scoring, tmp_path)
    empty = {name: scoring.store.read(name) for name in scoring.store.names()}
    (fact,) = attempt(scoring)
    expected = written(scoring)
    for at in count(1):
        for name in set(scoring.store.names()) - set(empty):
            scoring.store.delete(name)
        died, told = False, list[Fact]()
        for _ in killings(scoring, at):
            try:
                told = attempt(scoring)
            except ConnectionError:
                died = True
        if not died:
            break
        told = attempt(scoring)
        assert [each.id for each in told] == [fact.id]
        assert written(scoring) == expected
        assert batches.latest_name(W) in scoring.store.names()
    assert at > 10


def test_a_task_goes_on_after_the_parts_that_are_there(scoring: FakePlatform, tmp_path: Path) -> None:
    folder(scoring, tmp_path)
    uploaded: list[str] = []
    scoring.store.before = _dying_at_part("00001")
    with pytest.raises(ConnectionError):
        attempt(scoring)
    scoring.store.before = lambda method, name: uploaded.append(name) if method == "upload" else None
    assert attempt(scoring)
    assert [name.rpartition("/")[2] for name in uploaded if "/parts/" in name] == [
        "00001-000000.csv",
        "00002-000000.csv",
    ]


def test_a_file_of_several_stretches_is_shared_and_another_number_of_tasks_goes_on_with_it(
    scoring: FakePlatform, loans: bytes
) -> None:
    header, _, lines = loans.partition(b"\n")
    times = 2 * BLOCK // len(lines) + 1
    drop(scoring, "year.csv", header + b"\n" + lines * times)
    assert attempt(scoring, 1, of=2) == []
    uploaded: list[str] = []
    scoring.store.before = lambda method, name: uploaded.append(name) if method == "upload" else None
    (fact,) = attempt(scoring)
    assert isinstance(fact, BatchScored)
    assert fact.rows == ROWS * times
    assert [name.rpartition("/")[2] for name in uploaded] == ["00000-000000.csv", "00000-000002.csv"]
    assert [int(each["line"]) for each in table(scoring)] == list(range(2, ROWS * times + 2))


def _dying_at_part(name: str) -> Callable[[str, str], None]:
    def before(method: str, object_name: str) -> None:
        if method == "upload" and f"parts/{name}" in object_name:
            raise ConnectionError("killed")

    return before


def test_a_job_that_ended_without_a_result_is_started_again_by_a_drop_in_the_next_hour(
    scoring: FakePlatform, loans: bytes
) -> None:
    drop(scoring, "june.csv", loans)
    scoring.clock.advance(hours=1)
    drop(scoring, "june.csv", loans)
    first, second = scoring.runs.started
    assert first == second


def test_a_job_that_could_not_be_started_is_started_when_the_event_comes_again(
    scoring: FakePlatform, loans: bytes
) -> None:
    def refuse() -> None:
        raise ConnectionError("Cloud Run is away")

    scoring.runs.before = refuse
    with pytest.raises(ConnectionError):
        drop(scoring, "june.csv", loans)
    scoring.runs.before = lambda: None
    stat = scoring.data.stat(f"{ROOT}{W}/june.csv")
    again = ObjectFinalized(bucket=scoring.data.bucket, name=stat.name, generation=stat.generation, size=stat.size)
    assert list(ingest(again, scoring)) == []
    assert len(scoring.runs.started) == 1


def test_what_waits_for_the_schedule_is_scored_when_it_is_due_and_again_only_by_another_champion(
    scoring: FakePlatform, register: Register, models: Models, loans: bytes
) -> None:
    assert drop(scoring, "scheduled/standing.csv", loans) == []
    drop(scoring, "scheduled/year/june.csv", spoilt(loans))
    drop(scoring, "scheduled/year/_SUCCESS")
    assert scoring.runs.started == []
    assert scheduled.start(scoring) == 0
    assert len(scoring.runs.started) == 2
    for started in list(scoring.runs.started):
        assert list(score(scoring, W, started.arguments[-1], Task()))
    scoring.clock.advance(days=1)
    scheduled.start(scoring)
    assert len(scoring.runs.started) == 2
    scoring.registry.set_alias(W, "champion", register(models.contrary).number)
    scheduled.start(scoring)
    assert len(scoring.runs.started) == 4


def test_the_schedule_goes_on_with_the_others_when_one_upload_cannot_be_scored(
    scoring: FakePlatform, loans: bytes
) -> None:
    drop(scoring, "scheduled/a.zip", b"PK")
    drop(scoring, "scheduled/b.csv", loans)
    assert scheduled.start(scoring) == 1
    assert len(scoring.runs.started) == 1


def test_nothing_asks_the_registry_when_nothing_waits_for_the_schedule(scoring: FakePlatform) -> None:
    asked: list[str] = []
    scoring.registry.before = asked.append
    assert scheduled.start(scoring) == 0
    assert asked == []


def test_as_many_tasks_are_started_as_the_size_asks_for() -> None:
    plan = batches.Plan.model_validate(
        {
            "workload": W,
            "batch": "0" * 16,
            "version": 1,
            "source": "gs://bucket/x#1",
            "asked": "2026-03-02T08:00:00Z",
            "traceparent": "",
            "form": "csv",
            "files": [{"name": "x.csv", "bucket": "b", "object": "x", "generation": 1, "size": 1, "crc32c": ""}],
        }
    )

    def of(size: int, name: str = "x.csv") -> int:
        file = plan.files[0].model_copy(update={"size": size, "name": name})
        return plan.model_copy(update={"files": (file,)}).tasks

    assert of(1) == 1
    assert of(batches.TASK_BYTES + 1) == 2
    assert of(batches.TASK_BYTES, "x.parquet") == batches.PACKED
    assert of(batches.TASK_BYTES * 1000) == batches.MOST_TASKS
