"""One process of a training of several, as torchrun starts it: `FOLDER BATCH_SIZE [killed|stopped RANK STEP]`.

It leaves its curve and weights in the folder, or the name and time of what was raised.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from headrace.learning import fit
from headrace.training.folder_run import FolderRun
from headrace.workload import World
from tests.unit.headrace.learning.learners import Points, recipe
from tests.unit.headrace.learning.runs import weights


def main(folder: Path, batch_size: int, what: str, rank: int, step: int) -> None:
    world = World(nodes=int(os.environ["WORLD_SIZE"]), devices=1, rank=int(os.environ["RANK"]))
    learner, run = Points(96, dropout=0, noise=0), FolderRun(folder, world=world)
    happens = {"killed": lambda: _die(folder), "stopped": lambda: setattr(run, "stopping", True)}
    if rank == world.rank:
        learner.after = lambda done: happens[what]() if done == step else None
    try:
        fitted = fit(learner, recipe(batch_size=batch_size, checkpoint_seconds=0), run)
    except Exception as error:
        (folder / f"{type(error).__name__}-{world.rank}").write_text(str(time.time()))
        raise
    np.save(folder / f"weights-{world.rank}.npy", weights(fitted).numpy())
    (folder / f"history-{world.rank}.json").write_text(json.dumps(fitted.history))


def _die(folder: Path) -> None:
    (folder / "killed").write_text(str(time.time()))
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    happening = sys.argv[3:] or ["nothing", "-1", "-1"]
    main(Path(sys.argv[1]), int(sys.argv[2]), happening[0], int(happening[1]), int(happening[2]))
