"""Names of processes in; a loopback port each, the same after a restart where it is still free, out."""

import json
import socket
from collections.abc import Iterable
from pathlib import Path


def allot(names: Iterable[str], state: Path) -> dict[str, int]:
    """A port for each name, remembered in `state`."""
    file = state / "ports.json"
    before = json.loads(file.read_text()) if file.is_file() else {}
    held = [_hold(before.get(name, 0)) for name in names]
    ports = {name: taken.getsockname()[1] for name, taken in zip(names, held, strict=True)}
    for taken in held:
        taken.close()
    file.write_text(json.dumps(ports, indent=1))
    return ports


def _hold(wanted: int) -> socket.socket:
    """A socket bound to the port, or to any free one: held until all are chosen, so that no two are the same."""
    for port in (wanted, 0):
        held = socket.socket()
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            held.bind(("127.0.0.1", port))
        except OSError:
            held.close()
            continue
        return held
    raise OSError("no loopback port is free")
