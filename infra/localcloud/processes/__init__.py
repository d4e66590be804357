"""Containers of the laptop's Google Cloud: an image's name and an environment in; one local process out."""

from localcloud.processes.child import Process, start
from localcloud.processes.images import Images, UnknownImageError
from localcloud.processes.orphans import end_orphans
from localcloud.processes.statefolder import StateFolder

__all__ = ["Images", "Process", "StateFolder", "UnknownImageError", "end_orphans", "start"]
