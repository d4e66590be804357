"""Answers in; the labels of the last few thousand rows, by request id, out."""

from collections.abc import Mapping, Sequence
from typing import Any

MOST_ROWS = 2048

Known = dict[str, tuple[int, tuple[Any, ...]]]


class Memory:
    """What this process answered last, as far as it has labels: between about `MOST_ROWS` rows and twice as many."""

    def __init__(self) -> None:
        self._newer: Known = {}
        self._older: Known = {}
        self._rows = 0

    def keep(self, request_id: str, version: int, predictions: Sequence[Mapping[str, Any]]) -> None:
        """Remember what a version answered; a request id that is used again means its last request."""
        count = len(predictions)
        if "label" not in predictions[0] or count > MOST_ROWS:
            return
        if self._rows + count > MOST_ROWS:
            self._newer, self._older, self._rows = {}, self._newer, 0
        labels = [prediction.get("label") for prediction in predictions]
        self._newer[request_id] = (version, tuple(labels))
        self._rows += count

    def label(self, request_id: str, index: int) -> tuple[int, str] | None:
        """Which version gave which label to a row; None for what is not, or no longer, known here."""
        version, labels = self._newer.get(request_id) or self._older.get(request_id) or (0, ())
        if index >= len(labels) or labels[index] is None:
            return None
        return version, str(labels[index])
