"""Rows of one stretch in; their answers and the rejected ones with their reasons, as objects written once, out."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow
from pyarrow import parquet

from headrace.errors import Exists
from headrace.ports import Objects
from services.batch_inference.inputs.rows import Row
from services.batch_inference.predictor import Answer, Predictor

Key = int | str


class Parts:
    """The parts of one batch, which lie under `folder` in the store. A part that is there is whole, and stays.

    So what belongs to it, its rejects and pictures, is written before it.
    """

    def __init__(self, store: Objects, folder: str, columns: Sequence[str], as_parquet: bool) -> None:
        self._store, self._folder, self._columns = store, folder, columns
        self._ending = "parquet" if as_parquet else "csv"
        prefix = f"{folder}/parts/"
        self._done = {stat.name.removeprefix(prefix).partition(".")[0] for stat in store.list(prefix)}

    def has(self, name: str) -> bool:
        """Whether the part was there when the task began."""
        return name in self._done

    def write(self, name: str, file: str, key: str, rows: Iterable[Row], predictor: Predictor) -> None:
        """Score the rows of `file` and write the part."""
        answered: list[dict[str, Any]] = []
        rejected: list[tuple[str, Key, str]] = []
        for at, answer in _scored(rows, predictor):
            if isinstance(answer, str):
                rejected.append((file, at, answer))
            else:
                answered.append({key: at, **self._without_pictures(name, at, answer)})
        with TemporaryDirectory(prefix="headrace-") as scratch:
            if rejected:
                path = Path(scratch) / "rejects.csv"
                _write_csv(path, ("file", key if key != "file" else "name", "reason"), rejected)
                self._create(f"rejects/{name}.csv", path, {"rows": str(len(rejected))})
            path = Path(scratch) / f"part.{self._ending}"
            self._write_table(path, key, answered)
            counts = {"rows": str(len(answered)), "rejected": str(len(rejected))}
            self._create(f"parts/{name}.{self._ending}", path, counts)

    def _write_table(self, path: Path, key: str, rows: list[dict[str, Any]]) -> None:
        """The columns of the workload's example first, then what else there is in some of the answers."""
        columns = list(dict.fromkeys([key, *self._columns, *(name for row in rows for name in row)]))
        if self._ending == "parquet":
            parquet.write_table(pyarrow.table({name: [row.get(name) for row in rows] for name in columns}), path)
        else:
            _write_csv(path, columns, ([_cell(row.get(name)) for name in columns] for row in rows))

    def _without_pictures(self, part: str, at: Key, answer: Answer) -> Mapping[str, Any]:
        if not any(isinstance(value, bytes) for value in answer.values()):
            return answer
        name = at if isinstance(at, str) else f"{part}-{at}"
        return {key: self._picture(name, key, value) for key, value in answer.items()}

    def _picture(self, name: str, key: str, value: Any) -> Any:
        if not isinstance(value, bytes):
            return value
        object_name = f"{self._folder}/images/{key}/{name}.png"
        with suppress(Exists):
            self._store.create(object_name, value)
        return self._store.uri(object_name)

    def _create(self, name: str, path: Path, metadata: Mapping[str, str]) -> None:
        with suppress(Exists):  # an attempt before this one came as far, with the same rows and the same model
            self._store.upload(f"{self._folder}/{name}", path, metadata, over=0)


def _scored(rows: Iterable[Row], predictor: Predictor) -> Iterator[tuple[Key, Answer | str]]:
    """Each row's key with what came of it, in order."""
    left = iter(rows)
    while some := list(islice(left, predictor.most)):
        instances = [row.instance for row in some if row.instance is not None]
        answers = iter(predictor.answers(instances) if instances else ())
        yield from ((row.key, row.reason if row.instance is None else next(answers)) for row in some)


def _write_csv(path: Path, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value
