"""A place to install one deployable in, with a storage server for what it must write."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from localcloud.stack.addresses import allot

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60
MIB = 1 << 20


class Alone:
    """A fresh virtual environment, and a copy of what a deployable's bundle holds."""

    def __init__(self, folder: Path) -> None:
        self._bundle = folder / "bundle"
        self._python = folder / "venv" / "bin" / "python"
        self._ports = allot(["storage", "deployable"], folder)
        self._folder = folder

    def install(self, deployable: str, requirements: str = "requirements.txt") -> None:
        """The deployable's folder and the shared code, with its own requirements and nothing else."""
        for part in ("pyproject.toml", "constraints.txt", "README.md"):
            self._bundle.mkdir(exist_ok=True)
            shutil.copy(ROOT / part, self._bundle / part)
        for part in ("shared", deployable):
            shutil.copytree(ROOT / part, self._bundle / part, ignore=shutil.ignore_patterns("__pycache__"))
        (self._bundle / "infra").mkdir()
        shutil.copy(ROOT / Path(deployable).parent / "__init__.py", self._bundle / Path(deployable).parent)
        subprocess.run([sys.executable, "-m", "venv", self._folder / "venv"], check=True)
        pip = [str(self._python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--requirement", f"{deployable}/{requirements}"], cwd=self._bundle, check=True)

    def mib(self) -> float:
        """What the installed packages weigh."""
        packages = next((self._folder / "venv" / "lib").glob("python*/site-packages"))
        tools = {"pip", "setuptools"}
        weighed = [path for path in packages.iterdir() if path.name.split("-")[0] not in tools]
        return sum(_bytes(path) for path in weighed) / MIB

    def run(self, *arguments: str) -> str:
        """Run Python in the bundle; returns what it prints."""
        command = [str(self._python), *arguments]
        return subprocess.check_output(command, cwd=self._bundle, env=self._environment(), text=True)

    @contextmanager
    def serving(self, *arguments: str) -> Iterator[str]:
        """The deployable started with `arguments` and a port, beside a storage server; yields its address."""
        port = str(self._ports["deployable"])
        storage = ["-m", "localcloud", "storage", "--state", str(self._folder / "storage")]
        servers = [
            self._start(sys.executable, self._folder, *storage, "--port", str(self._ports["storage"])),
            self._start(str(self._python), self._bundle, *arguments, "--port", port),
        ]
        try:
            self._wait_for("storage", "storage/v1/b?project=local-headrace")
            bucket = {"name": "local-headrace-store"}
            buckets = f"{self._url('storage')}/storage/v1/b?project=local-headrace"
            requests.post(buckets, json=bucket, timeout=10).raise_for_status()
            self._wait_for("deployable", "")
            yield self._url("deployable")
        finally:
            for server in servers:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()

    def _start(self, python: str, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
        environment = self._environment() if folder == self._bundle else None
        return subprocess.Popen([python, *arguments], cwd=folder, env=environment, start_new_session=True)

    def _url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"

    def _wait_for(self, name: str, path: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                requests.get(f"{self._url(name)}/{path}", timeout=5)
                return
            except requests.ConnectionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "PYTHONPATH": str(self._bundle),
            "HEADRACE_PROJECT": "local-headrace",
            "HEADRACE_REGION": "local-region1",
            "HEADRACE_MLFLOW_URL": "http://127.0.0.1:9",
            "HEADRACE_TRAINER_IMAGE": "training",
            "HEADRACE_WEBHOOK_SECRET": "secret",
            "STORAGE_EMULATOR_HOST": self._url("storage"),
            "PUBSUB_EMULATOR_HOST": "127.0.0.1:9",
            "HEADRACE_UNSIGNED_PUSHES": "yes",
            "DO_NOT_TRACK": "1",
        }


def _bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file() and each.suffix != ".pyc")


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Alone]:
    """Gone afterwards: an environment weighs hundreds of megabytes."""
    yield Alone(tmp_path)
    shutil.rmtree(tmp_path)
