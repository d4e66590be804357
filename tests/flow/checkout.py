"""A folder in; a copy of the project with an environment of its own, for somebody to work in, out."""

import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from headrace import settings
from tests.flow.processes import mentioning
from tests.flow.waiting import eventually

ROOT = Path(__file__).parents[2]
PARTS = ("shared", "infra", "functions", "services", "tests")
SECONDS = 240

Done = subprocess.CompletedProcess[str]


class Checkout:
    """What a clone and an installation give: its Python runs the copied code, with the packages that there are here."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root = folder, folder / "headrace"
        self.state = self.root / ".headrace"
        for part in PARTS:
            shutil.copytree(ROOT / part, self.root / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", self.root)
        self._make_environment()

    def edit(self, path: str, changes: Mapping[str, str]) -> None:
        """Replace texts that are in a file."""
        file = self.root / path
        text = file.read_text("utf-8")
        for old, new in changes.items():
            assert old in text, f"{path} has no {old!r}"
            text = text.replace(old, new)
        file.write_text(text, "utf-8")

    def python(self, *words: str) -> Done:
        """Run Python in the copy, to the end."""
        command, surroundings = [self._python, *words], self._surroundings()
        return subprocess.run(
            command, cwd=self.root, env=surroundings, capture_output=True, text=True, timeout=SECONDS, check=False
        )

    def headrace(self, *words: str) -> Done:
        """Run the command line in the copy, to the end."""
        return self.python("-m", "headrace.cli.main", *words)

    @contextmanager
    def up(self) -> Iterator[None]:
        """`headrace up`, and Ctrl-C when the block ends; nothing of it is left."""
        command = [self._python, "-m", "headrace.cli.main", "up"]
        with (self.folder / "up.log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=self.root, env=self._surroundings(), stdout=log, stderr=log, start_new_session=True
            )
        try:
            eventually(lambda: process.poll() is not None or (self.state / settings.FILE).is_file(), "the stack is up")
            assert process.poll() is None, (self.folder / "up.log").read_text()
            yield
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
            eventually(lambda: not mentioning(str(self.root)), "no process left of the copy", within=10)

    def _make_environment(self) -> None:
        """A path file names what is to be found; what the packages here say of other paths is not followed."""
        venv = self.root / ".venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
        (packages,) = venv.glob("lib/python*/site-packages")
        found = [self.root / "shared", self.root / "infra", sysconfig.get_path("purelib")]
        (packages / "checkout.pth").write_text("".join(f"{path}\n" for path in found))
        self._python = str(venv / "bin" / "python")

    def _surroundings(self) -> dict[str, str]:
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "TMPDIR": str(temporary), "COLUMNS": "200"}


@contextmanager
def checked_out(folder: Path) -> Iterator[Checkout]:
    """A copy that is gone when the block ends."""
    try:
        yield Checkout(folder)
    finally:
        shutil.rmtree(folder)
