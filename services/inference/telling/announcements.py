"""Events in; each of them on the bus, once a process, whatever that takes, out."""

import logging
from collections import deque
from threading import Lock, Thread

from headrace import tracing
from headrace.bus.envelope import seal
from headrace.events import Event
from services.inference.needs import Platform

log = logging.getLogger("headrace.inference.announcements")


class Announcements:
    """Publishes from a thread that is there only while something is to be told; what fails waits for `send`."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._known: set[str] = set()
        self._waiting: deque[Event] = deque()
        self._sending = Lock()

    @property
    def waiting(self) -> int:
        """Events that are not published yet."""
        return len(self._waiting)

    def tell(self, fact: Event) -> None:
        """Have the fact published, unless it was told before; returns at once."""
        if fact.id not in self._known:
            self._known.add(fact.id)
            self._waiting.append(fact)
            self.send()

    def send(self) -> None:
        """Try again what was not published yet; returns at once."""
        if self._waiting and self._sending.acquire(blocking=False):
            Thread(target=self._send, name="announcements", daemon=True).start()

    def _send(self) -> None:
        try:
            while self._waiting:
                self._publish(self._waiting[0])
                self._waiting.popleft()
        except Exception as error:
            log.warning("%d events wait for the bus: %s", len(self._waiting), error)
        finally:
            self._sending.release()

    def _publish(self, fact: Event) -> None:
        now, trace = self._platform.clock.now(), tracing.parse(None, cause=fact.id)
        self._platform.bus.publish(seal(fact, self._platform.component, now, trace))
        log.info("published %s %s", fact.wire, fact.subject, extra={"published": fact.wire, "workload": fact.workload})
