"""Trainings of several nodes on this machine, each under a torchrun of its own."""

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

WORKER = "tests.unit.headrace.learning.worker"


def run_nodes(nodes: int, folder: Path, batch_size: int, happening: Sequence[object] = ()) -> list[int]:
    """The exit codes of all nodes' torchruns."""
    folder.mkdir(exist_ok=True)
    port = _free_port()
    started = [_torchrun(nodes, rank, port, [folder, batch_size, *happening]) for rank in range(nodes)]
    try:
        return [process.wait(timeout=240) for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()


def _torchrun(nodes: int, rank: int, port: int, arguments: Sequence[object]) -> "subprocess.Popen[bytes]":
    launch = [sys.executable, "-m", "torch.distributed.run", "--nnodes", nodes, "--nproc-per-node", 1]
    meeting = ["--node-rank", rank, "--master-addr", "127.0.0.1", "--master-port", port]
    log = Path(str(arguments[0])) / f"node-{rank}.log"
    environment = os.environ | {"GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1", "TMPDIR": str(arguments[0])}
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(word) for word in [*launch, *meeting, "-m", WORKER, *arguments]],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
        )


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
