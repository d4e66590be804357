"""Names of local servers in; those servers on loopback, with the loop's buckets and topics, out."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import grpc
import requests
from google.pubsub_v1 import PublisherClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

from headrace import topology
from localcloud.stack.addresses import allot

ROOT = Path(__file__).parents[2]
LOOP = topology.load(ROOT / "infra" / "topology.yaml")
PROJECT = "local-headrace"
SERVERS = ("storage", "pubsub", "batch", "mlflow")
DEPLOYABLE = "deployable"
PATIENCE_SECONDS = 90


class Servers:
    """What a deployable is started beside, and the process of the deployable itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = allot([*SERVERS, DEPLOYABLE], folder)
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, names: Sequence[str]) -> None:
        """Start the local servers of those names; return when they answer."""
        for name in names:
            self._run([sys.executable, *self._command(name)], ROOT, {**os.environ, **self.environment()})
        for name in names:
            self._wait_for(name)
        if "storage" in names:
            self._make_buckets()
        if "pubsub" in names:
            self._make_topics()

    def deploy(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> str:
        """Start the deployable in `folder`; its address."""
        self._run(command, folder, {**environment, **self.environment()})
        self._wait_for(DEPLOYABLE)
        return self.url(DEPLOYABLE)

    def stop(self) -> None:
        """End everything that was started."""
        for process in self._running:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def address(self, name: str) -> str:
        return f"127.0.0.1:{self._ports[name]}"

    def url(self, name: str) -> str:
        return f"http://{self.address(name)}"

    def port(self, name: str) -> str:
        return str(self._ports[name])

    def environment(self) -> dict[str, str]:
        """What tells a process where these servers are."""
        return {
            "HEADRACE_PROJECT": PROJECT,
            "HEADRACE_REGION": "local-region1",
            "HEADRACE_COMPONENT": DEPLOYABLE,
            "HEADRACE_MLFLOW_URL": self.url("mlflow"),
            "HEADRACE_INFERENCE_URL": self.url("mlflow"),
            "HEADRACE_TRAINER_IMAGE": "training",
            "HEADRACE_WEBHOOK_SECRET": "secret",
            "HEADRACE_UNSIGNED_PUSHES": "yes",
            "STORAGE_EMULATOR_HOST": self.url("storage"),
            "PUBSUB_EMULATOR_HOST": self.address("pubsub"),
            "BATCH_EMULATOR_HOST": self.address("batch"),
        }

    def _command(self, name: str) -> list[str]:
        port = ["--port", self.port(name)]
        if name == "mlflow":
            database = f"sqlite:///{self._folder / 'mlflow.db'}"
            return ["-m", "services.mlflow.main", *port, "--database", database, "--hook", "https://localhost:9/"]
        return ["-m", "localcloud", name, *port, "--state", str(self._folder / name)]

    def _run(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        process = subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True)
        self._running.append(process)

    def _wait_for(self, name: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._ports[name]), 5).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _make_buckets(self) -> None:
        for purpose in LOOP.buckets:
            url = f"{self.url('storage')}/storage/v1/b?project={PROJECT}"
            requests.post(url, json={"name": f"{PROJECT}-{purpose}"}, timeout=10).raise_for_status()

    def _make_topics(self) -> None:
        with grpc.insecure_channel(self.address("pubsub")) as channel:
            publisher = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
            for topic in LOOP.topics():
                publisher.create_topic(name=f"projects/{PROJECT}/topics/{topic}")
