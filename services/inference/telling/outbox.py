"""Lines in, at no cost to who puts them; Pub/Sub messages of many lines each, published from a thread, out."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from threading import Event, Thread
from time import monotonic, sleep

from headrace.ports import Message
from services.inference.needs import Platform
from services.inference.telling.backlog import BATCH_BYTES, Backlog, Line

log = logging.getLogger("headrace.inference.outbox")

LARGEST_LINE = 7_000_000  # Pub/Sub takes calls of 10 MB, and base64 adds a third
SHORTEST_PAUSE, LONGEST_PAUSE = 0.25, 30.0


class Outbox:
    """Publishes lines to `topic`, a workload's together, joined by newlines; tries again until the bus takes them."""

    def __init__(self, topic: str, platform: Platform) -> None:
        self.topic = topic
        self.published = Counter[str]()
        self._unsent = Counter[str]()
        self._platform = platform
        self._backlog = Backlog()
        self._closing = Event()
        self._deadline = float("inf")
        self._thread = Thread(target=self._run, name=f"outbox-{topic}", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Lines that the thread has not taken yet."""
        return len(self._backlog)

    @property
    def crowded(self) -> bool:
        """Whether so many lines wait, or so little time is left, that some may soon be lost."""
        return self._closing.is_set() or self._backlog.crowded

    @property
    def dropped(self) -> Counter[str]:
        """Lines that nobody will read, by workload."""
        return self._backlog.dropped.copy() + self._unsent.copy()  # both are counted on, by other threads

    def put(self, line: Line) -> None:
        """Take the line; returns at once."""
        self._backlog.put(line)

    def close(self, seconds: float) -> None:
        """Publish what waits within so many seconds; what is left then is lost, and the log says so."""
        self._deadline = monotonic() + seconds
        self._closing.set()
        self._backlog.close()
        self._thread.join(seconds + SHORTEST_PAUSE)
        if self._thread.is_alive() or self._unsent:
            lost = self._unsent.total() + self.waiting
            log.error("lines for %s were lost: %d and what was on its way", self.topic, lost)

    def _run(self) -> None:
        while lines := self._backlog.take():
            counted = list(self._messages(lines))
            sent = self._publish([message for message, _ in counted], sum(count for _, count in counted))
            counts = self.published if sent else self._unsent
            for message, count in counted:
                counts[message.attributes["workload"]] += count

    def _messages(self, lines: list[Line]) -> Iterator[tuple[Message, int]]:
        texts: dict[str, list[bytes]] = {}
        for line in lines:
            if text := self._encode(line):
                texts.setdefault(line.workload, []).append(text)
        for workload, group in texts.items():
            for part in _parts(group):
                yield Message(self.topic, b"\n".join(part), {"workload": workload}), len(part)

    def _encode(self, line: Line) -> bytes:
        try:
            text = line.encode()
            if len(text) > LARGEST_LINE:
                raise ValueError(f"its {len(text)} bytes are more than Pub/Sub carries")
        except Exception:
            log.exception("a line of %s for %s was dropped", line.workload, self.topic)
            self._unsent[line.workload] += 1
            return b""
        return text

    def _publish(self, messages: Sequence[Message], count: int) -> bool:
        pause = SHORTEST_PAUSE
        while monotonic() < self._deadline:
            try:
                self._platform.bus.publish(*messages)
            except Exception as error:
                kept, lost = count + self.waiting, self.dropped.total()
                log.warning("%d lines for %s wait, %d were dropped so far: %s", kept, self.topic, lost, error)
            else:
                return True
            if self._closing.is_set():
                sleep(SHORTEST_PAUSE)
            else:
                self._closing.wait(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
        return False


def _parts(texts: list[bytes]) -> Iterator[list[bytes]]:
    """Runs of `texts`, each as large as a message is meant to be at most."""
    part: list[bytes] = []
    size = 0
    for text in texts:
        if part and size + len(text) > BATCH_BYTES:
            yield part
            part, size = [], 0
        part.append(text)
        size += len(text) + 1
    yield part
