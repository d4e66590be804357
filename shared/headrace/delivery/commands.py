"""A command line in; its output as it comes, or a sentence on why it failed, out."""

import shlex
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

from headrace.delivery.advice import way_out
from headrace.errors import HeadraceError

KEPT_LINES = 40
FRAME = " \t│╷╵"
"""What Terraform draws around an error."""

QUIET = {
    "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
    "TF_IN_AUTOMATION": "1",
    "TF_INPUT": "0",
    **{f"TF_CLI_ARGS_{command}": "-no-color" for command in ("init", "plan", "apply")},
}
"""Nobody is asked in the middle of a delivery: what is missing is said, and how to get it."""

TOOLS = {
    "gcloud": "https://cloud.google.com/sdk/docs/install",
    "terraform": "https://developer.hashicorp.com/terraform/install",
    "docker": "https://docs.docker.com/engine/install",
    "git": "https://git-scm.com/downloads",
}


class CommandFailed(HeadraceError):
    """A command ended with an error; `output` has its last lines."""

    def __init__(self, sentence: str, output: str = "") -> None:
        super().__init__(sentence)
        self.output = output


class Commands:
    """Runs the tools that people deploy with, in the repository's folder, and shows each."""

    def __init__(self, root: Path, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._root, self._environment, self.say = root, {**environment, **QUIET}, say

    def has(self, tool: str) -> bool:
        """Whether `tool` is on this machine."""
        return shutil.which(tool, path=self._environment.get("PATH")) is not None

    def run(self, *words: str, environment: Mapping[str, str] | None = None) -> None:
        """Run it and show what it says. Raises CommandFailed."""
        self.say(f"$ {shlex.join(words)}")
        tail: deque[str] = deque(maxlen=KEPT_LINES)
        process = self._started(words, environment, subprocess.STDOUT)
        try:
            for line in process.stdout or ():
                tail.append(line)
                self.say(line.rstrip())
        finally:
            process.wait()  # Ctrl-C reached it too: Terraform gives its lock back before it ends
            if process.stdout:
                process.stdout.close()
        if process.returncode:
            raise _failed(words, process.returncode, "".join(tail))

    def ask(self, *words: str, environment: Mapping[str, str] | None = None) -> str:
        """What it prints, stripped, without showing it. Raises CommandFailed."""
        process = self._started(words, environment, subprocess.PIPE)
        output, errors = process.communicate()
        if process.returncode:
            raise _failed(words, process.returncode, errors or output)
        return output.strip()

    def _started(self, words: tuple[str, ...], added: Mapping[str, str] | None, errors: int) -> "subprocess.Popen[str]":
        try:
            return subprocess.Popen(
                words,
                cwd=self._root,
                env={**self._environment, **(added or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                errors="replace",
            )
        except FileNotFoundError:
            where = TOOLS.get(words[0], "its own pages")
            raise CommandFailed(f"{words[0]} is not on this machine; {where} says how to install it") from None


def _failed(words: tuple[str, ...], code: int, output: str) -> CommandFailed:
    said, advice = _gist(output), way_out(output)
    what = f"`{shlex.join(words[:6])}{' …' if words[6:] else ''}` ended with code {code}"
    return CommandFailed(f"{what}{': ' + said if said else ''}{'. ' + advice if advice else ''}", output)


def _gist(output: str) -> str:
    """The line that says what went wrong: the last one that calls itself an error, else the last one."""
    lines = [line.strip(FRAME) for line in output.splitlines()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return next((line for line in (*errors[::-1], *lines[::-1]) if line), "")
