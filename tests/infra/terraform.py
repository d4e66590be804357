"""A folder of `infra/` in; the real terraform, run on a copy of it against the stand-ins, out.

    python -m tests.infra.terraform infra validate
    python -m tests.infra.terraform infra plan -var-file=environments/dev.tfvars -var=project=my-project -var=revision=1

The copy keeps lock files, states and what `init` installs out of the repository.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.infra.schema.check import read_providers
from tests.infra.schema.derive import EVERYTHING
from tests.infra.schema.model import HERE
from tests.infra.standin.serving import stand_ins

ROOT = Path(__file__).parents[2]
_LEFT_BEHIND = shutil.ignore_patterns(".terraform*", "*.tfstate*", "localcloud", "images", "__pycache__")
INIT = ("init", "-no-color", "-input=false")
_LOCAL = 'terraform {\n  backend "local" {}\n}\n'


@dataclass(frozen=True, slots=True)
class Terraform:
    """The terraform on this machine, in one folder, with what it finds in its environment."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`terraform ARGUMENTS`, whatever its exit status."""
        return subprocess.run(
            ["terraform", *arguments],
            cwd=self.folder,
            env={**os.environ, **self.environment, "TF_IN_AUTOMATION": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    def done(self, *arguments: str) -> str:
        """What `terraform ARGUMENTS` printed; it has to succeed."""
        run = self.run(*arguments)
        if run.returncode:
            raise RuntimeError(
                f"terraform {' '.join(arguments)} ended with {run.returncode}:\n{run.stdout}{run.stderr}"
            )
        return run.stdout


def installed() -> bool:
    """Whether there is a terraform on this machine."""
    return shutil.which("terraform") is not None


def laid_out(folder: Path, copy: Path) -> Path:
    """A copy, below `copy`, of the repository's `folder` and of all that it reads; its state will be kept there."""
    shutil.copytree(ROOT / "infra", copy / "infra", ignore=_LEFT_BEHIND)
    for each in (ROOT / "shared/workloads").glob("*/workload.yaml"):
        kept = copy / each.relative_to(ROOT)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(each, kept)
    (copy / "build/functions").mkdir(parents=True)
    for each in (ROOT / "functions").iterdir():
        (copy / f"build/functions/{each.name}.zip").touch()  # only its checksum is asked for
    working = copy / folder.relative_to(ROOT)
    (working / "backend_override.tf").write_text(_LOCAL)
    return working


@contextmanager
def standing_in(folder: Path, copy: Path, schemas: Path = HERE) -> Iterator[Terraform]:
    """A terraform, initialised, in a copy of the repository's `folder` below `copy`; `schemas` says what it knows."""
    with stand_ins(read_providers(schemas)) as environment:
        terraform = Terraform(laid_out(folder, copy), environment)
        terraform.done(*INIT)
        yield terraform


def main() -> None:
    """Run what the command line says after the folder, and show what terraform says."""
    folder, *arguments = sys.argv[1:]
    schemas = EVERYTHING if EVERYTHING.is_dir() else HERE
    with tempfile.TemporaryDirectory() as copy, standing_in(ROOT / folder, Path(copy), schemas) as terraform:
        run = terraform.run(*arguments)
    print(run.stdout, run.stderr, sep="")
    sys.exit(run.returncode)


if __name__ == "__main__":
    main()
