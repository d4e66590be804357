"""A Pub/Sub server's command in; its process, which can be killed and started again, out."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

_JARS = Path("/usr/lib/google-cloud-sdk/platform/pubsub-emulator/lib")
_SMALL_JVM = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Server:
    """A Pub/Sub server process that can be ended and started again on the same port."""

    def __init__(self, command: list[str], port: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while not self._answers():
            assert self._process.poll() is None, f"the server ended with {self._process.returncode}"
            assert time.monotonic() < end, f"nothing listens on {self.address}"
            time.sleep(0.02)

    def _answers(self) -> bool:
        host, port = self.address.split(":")
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            return False
        return True

    def end(self, number: int = signal.SIGTERM) -> None:
        if self._process:
            self._process.send_signal(number)
            self._process.wait(timeout=20)
            self._process = None


def local_server(state: Path, *options: str) -> Server:
    port = free_port()
    command = [sys.executable, "-m", "localcloud", "pubsub", "--port", str(port), "--state", str(state), *options]
    return Server(command, port)


def emulator() -> Server:
    jar = os.environ.get("HEADRACE_PUBSUB_EMULATOR_JAR") or next(map(str, _JARS.glob("*.jar")), "")
    java = shutil.which("java")
    if not java or not jar:
        pytest.skip("Google's emulator needs Java and its jar; set HEADRACE_PUBSUB_EMULATOR_JAR to the jar's path")
    port = free_port()
    return Server([java, *_SMALL_JVM, "-jar", jar, "--host=127.0.0.1", f"--port={port}"], port)
