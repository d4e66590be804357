"""The bus on Pub/Sub's REST API: a call for what is published together, so that returning means the service has it.

Google's client is not used: it brings gRPC along, in memory and at every cold start, and batches in a thread that gets
no CPU on Cloud Run between requests.
"""

import json
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from itertools import groupby

import requests
from google.auth.exceptions import GoogleAuthError

from headrace.adapters import access
from headrace.errors import Unavailable
from headrace.ports import Message

SERVICE = "https://pubsub.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/pubsub"
PASSING = {429, 500, 502, 503, 504}
"""Answers after which the same request may succeed; the service having it already does no harm, for ids are ours."""

JSON = {"Content-Type": "application/json"}

MOST_MESSAGES, MOST_BYTES = 1000, 9_500_000
"""Of a call. The service takes 10 MB; whether it counts them before or after base64 it does not say."""

PATIENCE_SECONDS, TRY_SECONDS = 30.0, 10.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0


class PubSub:
    """Publishes to the topics of one project, or of whatever answers at `endpoint` (host:port, no TLS)."""

    def __init__(self, project: str, endpoint: str = "", patience: float = PATIENCE_SECONDS) -> None:
        self._topics = f"{f'http://{endpoint}' if endpoint else SERVICE}/v1/projects/{project}/topics"
        self._session = requests.Session() if endpoint else authorized()
        self._patience = patience

    def publish(self, *messages: Message) -> None:
        """Return when the service has every message. Raises Unavailable when it does not take one in time."""
        for topic, body in _calls(messages):
            self._send(topic, body)

    def _send(self, topic: str, body: bytes) -> None:
        url = f"{self._topics}/{topic}:publish"
        failure: Exception | str = ""
        for left in _tries(self._patience):
            try:
                answer = self._session.post(
                    url, data=body, headers=JSON, timeout=min(left, TRY_SECONDS), allow_redirects=False
                )
            except (requests.RequestException, GoogleAuthError) as error:
                failure = error
                continue
            if answer.status_code == requests.codes.ok:
                return
            failure = f"{answer.status_code} {_reason(answer)}"
            if answer.status_code not in PASSING:
                break
        cause = failure if isinstance(failure, Exception) else None
        raise Unavailable(f"Pub/Sub did not take a message for {topic}: {failure}") from cause


def authorized() -> requests.Session:
    """A session that publishes as this process's account. Raises Unauthorized when Google knows nobody here."""
    return access.authorized(SCOPE, "nothing can be published")


def _calls(messages: Sequence[Message]) -> Iterator[tuple[str, bytes]]:
    """Topics and bodies, each of no more messages of one topic, in their order, than the service takes at once."""
    for topic, group in groupby(messages, key=lambda message: message.topic):
        together: list[bytes] = []
        size = 0
        for packed in map(_packed, group):
            if together and (len(together) == MOST_MESSAGES or size + len(packed) > MOST_BYTES):
                yield topic, _body(together)
                together, size = [], 0
            together.append(packed)
            size += len(packed)
        yield topic, _body(together)


def _body(packed: Sequence[bytes]) -> bytes:
    return b"".join((b'{"messages":[', b",".join(packed), b"]}"))  # a `+` would copy it all each time


def _packed(message: Message) -> bytes:
    words = json.dumps({"attributes": dict(message.attributes), "orderingKey": message.ordering_key})
    return b"".join((b'{"data":"', b64encode(message.data), b'",', words[1:].encode()))  # base64 needs no escaping


def _tries(patience: float) -> Iterator[float]:
    """The seconds that are left, at each try; between two of them a pause that doubles."""
    end, pause = time.monotonic() + patience, FIRST_PAUSE
    yield patience
    while (left := end - time.monotonic() - pause) > 0:
        time.sleep(pause)
        pause = min(LONGEST_PAUSE, pause * 2)
        yield left


def _reason(answer: requests.Response) -> str:
    """What the service says is wrong; a proxy in between may say it otherwise than in Google's JSON."""
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return answer.reason
