"""Instances in; a client that keeps calling the inference service, and what it saw, out."""

import http.client
import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

PAUSE_SECONDS = 0.02


class Caller:
    """One client on one kept-alive connection, calling until the block ends."""

    def __init__(self, url: str, instances: Sequence[Mapping[str, Any]]) -> None:
        self._address, self._path = urlsplit(url).netloc, urlsplit(url).path
        self._instances = itertools.cycle(instances)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.answered: Counter[int] = Counter()
        self.failures: list[str] = []
        self.first: dict[int, float] = {}

    def __enter__(self) -> "Caller":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        connection = http.client.HTTPConnection(self._address, timeout=10)
        while not self._stop.wait(PAUSE_SECONDS):
            try:
                version = _call(connection, self._path, next(self._instances))["version"]
                self.answered[version] += 1
                self.first.setdefault(version, time.monotonic())
            except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
                self.failures.append(repr(error))
                connection.close()
        connection.close()


def _call(connection: http.client.HTTPConnection, path: str, body: object) -> dict[str, Any]:
    connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status not in (200, 202):
        raise ValueError(f"{answer.status} {text[:200]!r}")
    return dict(json.loads(text))


def post(url: str, body: object) -> dict[str, Any]:
    """One request on a connection of its own. Raises ValueError for an answer other than 200 or 202."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        return _call(connection, urlsplit(url).path, body)
    finally:
        connection.close()
