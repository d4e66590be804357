"""The files in `infra/` in; what terraform itself says of them, out.

    python -m tests.infra

Where `terraform init` reaches a registry, Google's own provider validates them; elsewhere a stand-in does, which knows
its schemas and nothing more. The provider-less module runs its tests either way.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.infra.estate import ENVIRONMENTS
from tests.infra.terraform import INIT, ROOT, Terraform, laid_out, standing_in

_FOLDERS = ("infra/modules/wiring", "infra/bootstrap", "infra")
_NO_REGISTRY = "could not connect to"


def main() -> None:
    """Validate every root and module that stands by itself, and run what tests it has with each set of variables."""
    for name in _FOLDERS:
        with tempfile.TemporaryDirectory() as copy, _initialised(ROOT / name, Path(copy)) as (terraform, providers):
            print(f"{name}: terraform validate, with {providers}", flush=True)
            _must(terraform, "validate", "-no-color")
            if (terraform.folder / "tests").is_dir():
                for arguments in _variables(name):
                    print(f"{name}: terraform test {' '.join(arguments)}", flush=True)
                    _must(terraform, "test", "-no-color", *arguments)


def _variables(name: str) -> list[tuple[str, ...]]:
    """What the folder is to be tested with, one after the other."""
    return [arguments for folder, arguments in ENVIRONMENTS.values() if folder == name] or [()]


@contextmanager
def _initialised(folder: Path, copy: Path) -> Iterator[tuple[Terraform, str]]:
    own = Terraform(laid_out(folder, copy / "own"), {"CHECKPOINT_DISABLE": "1"})
    init = own.run(*INIT)
    if init.returncode == 0:
        yield own, "what init fetched"
    elif _NO_REGISTRY in init.stderr:
        with standing_in(folder, copy / "stand-in") as terraform:
            yield terraform, "stand-ins, as no registry can be reached"
    else:
        sys.exit(f"{init.stdout}{init.stderr}")


def _must(terraform: Terraform, *arguments: str) -> None:
    run = terraform.run(*arguments)
    print(run.stdout, run.stderr, sep="", flush=True)
    if run.returncode:
        sys.exit(run.returncode)


if __name__ == "__main__":
    main()
