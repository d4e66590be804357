"""A deployable in; a virtual environment with its own requirements and nothing else out."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from headrace import bundles
from tests.deploy.servers import DEPLOYABLE, LOOP, ROOT, Servers

MIB = 1 << 20


class Alone:
    """A fresh virtual environment, and a folder with what the deployable's bundle or image holds."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._code = folder, folder / "code"
        self._programs = folder / "venv" / "bin"
        self.servers = Servers(folder)

    def install(self, deployable: str, requirements: str = "requirements.txt") -> None:
        """The deployable's folder and the shared code, as in its image."""
        self._code.mkdir()
        for part in ("pyproject.toml", "constraints.txt", "README.md"):
            shutil.copy(ROOT / part, self._code / part)
        for part in ("shared", deployable):
            shutil.copytree(ROOT / part, self._code / part, ignore=shutil.ignore_patterns("__pycache__"))
        (self._code / "infra").mkdir()
        shutil.copy(ROOT / Path(deployable).parent / "__init__.py", self._code / Path(deployable).parent)
        self._install(f"{deployable}/{requirements}")

    def unpack(self, function: str) -> int:
        """The function's bundle, as Google unpacks and installs it; the size of the bundle in bytes."""
        archive = bundles.write(LOOP.deployables[function], ROOT, self._folder / "bundles" / f"{function}.zip")
        with zipfile.ZipFile(archive) as bundle:
            bundle.extractall(self._code)
        self._install("requirements.txt")
        return archive.stat().st_size

    def mib(self) -> float:
        """What the installed packages weigh."""
        packages = next((self._folder / "venv" / "lib").glob("python*/site-packages"))
        tools = {"pip", "setuptools"}
        weighed = [path for path in packages.iterdir() if path.name.split("-")[0] not in tools]
        return sum(_bytes(path) for path in weighed) / MIB

    def run(self, *arguments: str) -> str:
        """Run Python where the code is; returns what it prints."""
        environment = {**self._environment(), **self.servers.environment()}
        command = [str(self._programs / "python"), *arguments]
        return subprocess.check_output(command, cwd=self._code, env=environment, text=True)

    @contextmanager
    def serving(self, *arguments: str, beside: Sequence[str] = ("storage",)) -> Iterator[str]:
        """Python started with `arguments` and a port, beside local servers; yields its address."""
        port = ["--port", self.servers.port(DEPLOYABLE)]
        with self._beside(beside):
            command = [str(self._programs / "python"), *arguments, *port]
            yield self.servers.deploy(command, self._code, self._environment())

    @contextmanager
    def function(self, beside: Sequence[str]) -> Iterator[str]:
        """The program that Google's buildpack starts, told what it tells it; yields its address."""
        told = {"FUNCTION_TARGET": "main", "HOST": "127.0.0.1", "PORT": self.servers.port(DEPLOYABLE)}
        with self._beside(beside):
            command = [str(self._programs / "functions-framework")]
            yield self.servers.deploy(command, self._code, {**self._environment(), **told})

    @contextmanager
    def _beside(self, names: Sequence[str]) -> Iterator[None]:
        try:
            self.servers.start(names)
            yield
        finally:
            self.servers.stop()

    def _install(self, requirements: str) -> None:
        subprocess.run([sys.executable, "-m", "venv", self._folder / "venv"], check=True)
        pip = [str(self._programs / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--requirement", requirements], cwd=self._code, check=True)

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self._folder)}


def _bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file() and each.suffix != ".pyc")
