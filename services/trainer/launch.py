"""A training of several processes in; torchrun in place of this process, once a node, out."""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn
from zlib import crc32

from headrace import settings
from headrace.settings import Task

PORTS = range(29_500, 32_500)


def torchrun(task: Task, nodes: int, devices: int, training: str, arguments: Sequence[str]) -> NoReturn:
    """Become torchrun on this node. The nodes meet at the first host, at a port of the training's own."""
    main = task.hosts[0] if task.hosts else "127.0.0.1"
    if main.startswith("127."):
        settings.export({"GLOO_SOCKET_IFNAME": "lo"})  # addresses of one machine are no interface's name
    port = PORTS[crc32(training.encode()) % len(PORTS)]
    command = [
        *(sys.executable, "-m", "torch.distributed.run"),
        *("--nnodes", str(nodes), "--nproc-per-node", str(devices), "--node-rank", str(task.index)),
        *("--master-addr", main, "--master-port", str(port)),
        *("-m", "services.trainer.job", *arguments),
    ]
    os.execv(sys.executable, command)  # noqa: S606 - every word is ours
