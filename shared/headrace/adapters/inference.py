"""The address of the inference service and who asks in; its models' answers, or its own sentences as errors, out."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests
from requests import PreparedRequest, Response, Session
from requests.auth import AuthBase

from headrace import tracing
from headrace.adapters.identity import Identity
from headrace.errors import HeadraceError, NotFound, Rejected, Unauthorized, Unavailable
from headrace.settings import Settings

CONNECT_SECONDS = 3.0
STATE_SECONDS, WAKING_SECONDS = 3.0, 20.0
"""How long a service may take to say what it hosts, and one that may have to be started for it."""

ANSWER_SECONDS = 60.0

_PLACE = "{workload}"
_LONGEST = 300
_ELSEWHERE = (404, 405)

Instance = Mapping[str, Any]
File = tuple[str, bytes]
"""A file's name and its bytes."""


class Refused(Rejected):
    """The service cannot use what it was sent; the message is its sentence."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What the service said, and after how many seconds it had come here."""

    said: Mapping[str, Any]
    seconds: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """A PNG that a version made, under the id of its request."""

    png: bytes
    version: str
    alias: str
    request_id: str
    seconds: float


class Inference:
    """Asks the inference service of a workload, with Google's identity where it is called over https.

    `where.inference_url` may hold `{workload}`, for there is a service of each in the cloud. `key` is the caller's,
    where the service has keys. Everything raises Refused for what the service cannot use, NotFound for what it has not,
    Unauthorized for a caller it does not let in, and Unavailable where it does not answer, is not ready or has too much
    to do.
    """

    def __init__(self, where: Settings, key: str = "") -> None:
        if not where.inference_url:
            raise Rejected("set HEADRACE_INFERENCE_URL to the address of the inference service")
        self._url, self._key = where.inference_url.rstrip("/"), key
        self._patience = WAKING_SECONDS if _PLACE in self._url else STATE_SECONDS
        self._session = Session()

    def address(self, workload: str) -> str:
        """Where the workload's models answer."""
        return self._url.replace(_PLACE, workload.replace("_", "-"))

    def answering(self) -> tuple[str, ...]:
        """The workloads of which a version answers; none where each has a service of its own, which may sleep."""
        if _PLACE in self._url:
            return ()
        return tuple(model["name"] for model in self._models("") if model["version"] is not None)

    def state(self, workload: str) -> Mapping[str, Any]:
        """What is hosted of the workload: which version answers, since when, and what went wrong last."""
        models = self._models(workload)
        found = next((model for model in models if model["name"] == workload), None)
        if found is None:
            there = ", ".join(model["name"] for model in models)
            raise NotFound(f"{workload} is not served at {self.address(workload)}; there are {there}")
        return found

    def document(self, workload: str) -> Mapping[str, Any]:
        """The service's OpenAPI document."""
        return self._json("GET", workload, "/openapi.json", self._patience).said

    def metrics(self, workload: str) -> str:
        """What the instance that answers counted since it started, as Prometheus reads it."""
        return self._asked("GET", workload, "/metrics", STATE_SECONDS).text

    def predict(self, workload: str, asked: Any, version: int | None = None) -> Answered:
        """The answer to an instance, or `predictions` for a list of them, by the champion or that loaded version."""
        body = {"data": json.dumps(asked).encode(), "headers": {"content-type": "application/json"}}
        return self._json("POST", workload, _path(workload, version), ANSWER_SECONDS, **body)

    def predict_file(self, workload: str, field: str, file: File, version: int | None = None) -> Answered:
        """The answer to a file in the instance's `field`."""
        return self._json("POST", workload, _path(workload, version), ANSWER_SECONDS, files={field: file})

    def draw(self, workload: str, field: str, file: File, said: Mapping[str, Any], version: int | None = None) -> Drawn:
        """The picture that a model makes of a file; `said` are the other fields of the instance."""
        form = {name: json.dumps(value) for name, value in said.items()}
        asked: dict[str, Any] = {"files": {field: file}, "data": form, "headers": {"accept": "image/png"}}
        answer = self._asked("POST", workload, _path(workload, version), ANSWER_SECONDS, **asked)
        headers, seconds = answer.headers, answer.elapsed.total_seconds()
        number, alias = headers.get("x-model-version", ""), headers.get("x-model-alias", "")
        return Drawn(answer.content, number, alias, headers.get("x-request-id", ""), seconds)

    def feed_back(self, workload: str, said: Sequence[Mapping[str, Any]]) -> int:
        """Tell what was true of rows, or thought of their answers; how many were taken."""
        body = {"feedback": list(said)}
        answer = self._json("POST", workload, f"/models/{quote(workload)}/feedback", self._patience, json=body)
        return int(answer.said["accepted"])

    def fed_back(self, workload: str) -> Mapping[str, Any]:
        """What the feedback told to the instance that answers adds up to."""
        return self._json("GET", workload, f"/models/{quote(workload)}/feedback/stats", self._patience).said

    def _models(self, workload: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._json("GET", workload, "/models", self._patience).said["models"]
        return found

    def _json(self, method: str, workload: str, path: str, patience: float, **sent: Any) -> Answered:
        answer = self._asked(method, workload, path, patience, **sent)
        said = _read(answer)
        if said is None:
            raise Unavailable(f"{answer.url} does not answer as the inference service does: {_shown(answer)}")
        return Answered(said, answer.elapsed.total_seconds())

    def _asked(self, method: str, workload: str, path: str, patience: float, **sent: Any) -> Response:
        base = self.address(workload)
        headers = {**sent.pop("headers", {}), "traceparent": tracing.current().traceparent}
        if self._key:
            headers["x-api-key"] = self._key
        proof = _Proof(base) if base.startswith("https://") else None
        timeout = (CONNECT_SECONDS, patience)
        try:
            answer = self._session.request(method, base + path, headers=headers, auth=proof, timeout=timeout, **sent)
        except requests.ConnectionError:
            raise Unavailable(f"nothing answers at {base}; is `headrace up` running?") from None
        except requests.Timeout:
            raise Unavailable(f"{base} did not answer within {patience:.0f} s") from None
        if not answer.ok:
            raise _error(answer)
        return answer


class _Proof(AuthBase):
    """Google's identity, where this process has one; a service that is open to everybody is asked without."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        identity = _known.setdefault(self._service, Identity(self._service))
        try:
            return identity(request)
        except Unauthorized:
            return request


_known: dict[str, Identity] = {}


def _path(workload: str, version: int | None) -> str:
    return f"/models/{quote(workload)}{f'/versions/{version}' if version is not None else ''}/predict"


def _error(answer: Response) -> HeadraceError:
    """The refusal, in the service's own words where it has some."""
    said = _read(answer) or {}
    sentence = str(said.get("error") or said.get("message") or "")
    if answer.status_code in (401, 403):
        return Unauthorized(sentence or f"{answer.url} does not let this caller in ({answer.status_code})")
    if answer.status_code in _ELSEWHERE:
        return NotFound(sentence or f"nothing of the inference service is at {answer.url}")
    if answer.status_code in (429, *range(500, 600)):
        return Unavailable(sentence or f"{answer.url} says {answer.status_code}: {_shown(answer)}")
    return Refused(sentence or f"{answer.url} says {answer.status_code}: {_shown(answer)}")


def _read(answer: Response) -> dict[str, Any] | None:
    try:
        found = answer.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _shown(answer: Response) -> str:
    return answer.text.strip()[:_LONGEST]
