"""A folder in; a project on a Google Cloud of this machine, with doubles of the tools and services that answer, out."""

import copy
import json
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

import yaml

from headrace.delivery import policy
from headrace.delivery.account import Account
from headrace.delivery.commands import TOOLS, Commands
from headrace.delivery.target import REGION, target
from headrace.delivery.work import Delivery
from tests.unit.delivery.tools import Refused, answer

ROOT = Path(__file__).parents[3]
DEPLOYABLES = ("ingest", "evaluator", "inference", "studio", "mlflow")
DEPLOYER = "headrace-deployer@my-project.iam.gserviceaccount.com"
SERVICES = ("evaluator", "inference-loan-default", "studio", "mlflow")
INFERENCE = "inference-loan-default"

EMPTY: dict[str, Any] = {
    "account": "ada@example.com",
    "billing": True,
    "enabled": ["storage.googleapis.com"],
    "buckets": [],
    "quotas": {},
    "vulnerabilities": {},
    "statuses": [],
    "services": {},
    "named": SERVICES,
    "iap": False,
    "outputs": {},
    "state": [],
    "changed": "",
    "origin": "",
    "builders": [],
    "broken": {},
}

NEW_PROJECT = {"CpuAllocPerProjectRegion": 20_000, "MemAllocPerProjectRegion": 40 << 30}
"""What Cloud Run grants in a region at first: 20 cores and 40 GiB for each service."""

POLICY = """
scan: {refuse: HIGH, fixable_only: true}
traffic: {shares: [10, 50, 100], watch_seconds: 0, error_rate: 0.02, least_errors: 3}
smoke_seconds: 0.2
"""


@dataclass
class Answers:
    """What the services say: those revisions that are ill, whether there is a champion, and what was asked so far.

    The studio is behind `iap`, or lets in everybody with `open_pages`. Predictions take `key`, where there is one.
    """

    ill: set[str] = field(default_factory=set)
    champion: int | None = 3
    iap: bool = False
    open_pages: bool = False
    key: str = ""
    granted: dict[str, int] = field(default_factory=lambda: dict(NEW_PROJECT))
    asked: list[tuple[str, str]] = field(default_factory=list)

    def to(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, object]:
        self.asked.append((method, path))
        if path.startswith("/quotas/"):
            return self._quota(path, headers)
        service, _, rest = path.strip("/").partition("/")
        if service == "studio" and self.iap:
            return 302, "https://accounts.google.com"
        if service == "studio" and self.open_pages:
            return 200, "ok"
        if headers.get("x-serverless-authorization") != "Bearer a-identity-token":
            return 403, "Forbidden"
        if self.ill & set(rest.split("/")):
            return 500, "the model is not a model"
        if self.key and rest.endswith("/predict") and headers.get("x-api-key") != self.key:
            return 401, "a key is needed here"
        if service == "evaluator":
            return 405, "Method Not Allowed"
        match rest.rpartition("/")[2], method:
            case "health" | "ready", "GET":
                return 200, {"status": "ok"}
            case "models", "GET":
                return 200, {"models": [{"name": "loan_default", "champion": self.champion}]}
            case "predict", "POST" if self.champion and json.loads(body)["loan_amnt"] == 12000:
                return 200, {"predictions": [0.25]}
        return 404, f"nothing at {path}"

    def _quota(self, path: str, headers: dict[str, str]) -> tuple[int, object]:
        """What the Cloud Quotas API says of one of Cloud Run's: a place that has its own value, and all the others."""
        folder, _, quota = path.rpartition("/")
        if folder != "/quotas/v1/projects/my-project/locations/global/services/run.googleapis.com/quotaInfos":
            return 404, {"error": {"code": 404}}
        if (
            headers.get("authorization") != "Bearer a-access-token"
            or headers.get("x-goog-user-project") != "my-project"
        ):
            return 403, {"error": {"code": 403}}
        if quota not in self.granted:
            return 404, {"error": {"code": 404}}
        others = {"details": {"value": "-1"}, "applicableLocations": ["us-central1", "us-east4"]}
        value = str(self.granted[quota])
        here = {"dimensions": {"region": REGION}, "details": {"value": value}, "applicableLocations": [REGION]}
        return 200, {"quotaId": quota, "dimensions": ["region"], "dimensionsInfos": [others, here]}


@dataclass
class Cloud:
    """The project, the folder that stands for the repository, what answers, and what the tools were told."""

    folder: Path
    base: str
    answers: Answers
    project: dict[str, Any]
    told: list[list[str]] = field(default_factory=list)
    deadly: str = ""
    """The command that holds this text kills who gave it."""

    def tell(self, words: list[str], teller: int) -> str:
        self.told.append(words)
        if self.deadly and self.deadly in " ".join(words):
            self.deadly = ""
            os.kill(teller, signal.SIGKILL)
        return answer(self.project, words[0], words[1:])

    def break_off(self, text: str, said: str = "ERROR: it does not work") -> None:
        self.project["broken"] = {text: said}

    def commands(self, tool: str) -> list[list[str]]:
        return [words for words in self.told if words[0] == tool]

    def serving(self) -> dict[str, dict[str, int]]:
        """Who has which share, of the services whose traffic is moved."""
        services = self.project["services"].items()
        return {name: dict(service["percents"]) for name, service in services if name != "mlflow"}

    def revisions(self, name: str) -> list[str]:
        return list(self.project["services"][name]["revisions"])

    def delivery(self, revision: str = "one", said: list[str] | None = None) -> Delivery:
        return delivery(self.folder, revision, said)


def delivery(
    folder: Path, revision: str, said: list[str] | None = None, environment: Mapping[str, str] | None = None
) -> Delivery:
    root = folder / "repository"
    say = said.append if said is not None else print
    commands = Commands(root, {"PATH": f"{folder / 'bin'}:/usr/bin:/bin", **(environment or {})}, say)
    return Delivery(target(root, "my-project", REGION, "dev", revision), commands, Account(commands), policy.load(root))


@contextmanager
def cloud(folder: Path) -> Iterator[Cloud]:
    """An empty project until the block ends."""
    answers = Answers()
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), _handler(answers)) as services,
        _Tools(("127.0.0.1", 0), _Asked) as tools,
    ):
        base = f"http://127.0.0.1:{services.server_port}"
        tools.cloud = Cloud(folder, base, answers, copy.deepcopy({**EMPTY, "base": base}))
        _lay_out(folder, tools.server_address[1])
        threads = [threading.Thread(target=server.serve_forever, args=(0.01,)) for server in (services, tools)]
        for thread in threads:
            thread.start()
        try:
            yield tools.cloud
        finally:
            for server in (services, tools):
                server.shutdown()
            for thread in threads:
                thread.join()


class _Tools(ThreadingTCPServer):
    cloud: Cloud


class _Asked(StreamRequestHandler):
    """One command: the number of what follows, who gives it, and its words, each ended by a zero byte."""

    server: _Tools

    def handle(self) -> None:
        teller, *words = (self._word() for _ in range(int(self._word())))
        try:
            code, said = 0, self.server.cloud.tell(words, int(teller))
        except Refused as error:
            code, said = 1, str(error)
        with suppress(BrokenPipeError, ConnectionResetError):  # who gave it may be dead
            self.wfile.write(f"{code}\n{said}\n".encode() if said else f"{code}\n".encode())

    def _word(self) -> str:
        return b"".join(iter(lambda: self.rfile.read(1), b"\0")).decode()


TOOL = """#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/{port}
printf '%s\\0' $(($# + 2)) $PPID {tool} "$@" >&3
read -r code <&3
if [ "$code" = 0 ]; then cat <&3; else cat <&3 >&2; fi
exit "$code"
"""


def _lay_out(folder: Path, port: int) -> None:
    infra = folder / "repository" / "infra"
    infra.mkdir(parents=True)
    for name in ("bootstrap", "images"):
        (infra / name).symlink_to(ROOT / "infra" / name)
    for name in ("functions", "shared", "pyproject.toml", "constraints.txt"):
        (folder / "repository" / name).symlink_to(ROOT / name)
    topology = yaml.safe_load((ROOT / "infra" / "topology.yaml").read_text())
    topology["deployables"] = {name: topology["deployables"][name] for name in DEPLOYABLES}
    for each in topology["deployables"].values():
        each["uses"] = {used: right for used, right in each["uses"].items() if right != "run" or used in DEPLOYABLES}
    (infra / "topology.yaml").write_text(yaml.safe_dump(topology))
    (infra / "environments").mkdir()
    (infra / "environments" / "dev.tfvars").touch()
    (infra / "delivery.yaml").write_text(POLICY)
    (folder / "bin").mkdir()
    for tool in TOOLS:
        script = folder / "bin" / tool
        script.write_text(TOOL.format(port=port, tool=tool))
        script.chmod(0o755)


def _handler(answers: Answers) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["content-length"])))

        def _answer(self, body: bytes) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, said = answers.to(self.command, self.path, headers, body)
            payload = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: a test says what it wants to know."""

    return Handler
