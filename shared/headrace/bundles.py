"""A function of the topology in; the archive that Google builds and runs it from out."""

import hashlib
import re
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from modulefinder import ModuleFinder
from pathlib import Path
from typing import Any

from headrace.errors import HeadraceError
from headrace.topology import Deployable, Topology

MOST_BYTES = 60 << 20
"""Google takes 100 MB of source."""

_FOLDER = "functions/"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""Every file's time, as early as the format can say: the same code is the same bytes, and is not deployed again."""

_ENTRY_POINT = '''"""Where Cloud Functions looks for `main`."""

from {module}.main import main as main
'''

_REQUIREMENTS = """\
# Of constraints.txt with sha256 {digest}:
# Google's buildpack installs again only when this file is another one.
--constraint constraints.txt
{needed}
"""


class BundleRefused(HeadraceError):
    """A bundle cannot be made, or could not be deployed."""


def functions(topology: Topology) -> dict[str, Deployable]:
    """The deployables that are Cloud Functions; all others run in containers."""
    return {name: each for name, each in topology.deployables.items() if each.folder.startswith(_FOLDER)}


def write(deployable: Deployable, root: Path, archive: Path) -> Path:
    """Write the bundle of a function of the repository at `root`. Raises BundleRefused."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w") as bundle:  # stored as they are: another zlib would pack to other bytes
        for name, content in sorted(contents(deployable, root).items()):
            file = zipfile.ZipInfo(name, _FIRST_DAY)
            file.external_attr = 0o644 << 16
            bundle.writestr(file, content)
    _check(archive)
    return archive


def contents(deployable: Deployable, root: Path) -> Mapping[str, bytes]:
    """Every file of the bundle by its path, with what the function imports, however late, and nothing else of ours."""
    module = deployable.folder.replace("/", ".")
    generated = {
        "main.py": _ENTRY_POINT.format(module=module).encode(),
        "requirements.txt": _requirements(deployable, root).encode(),
        "constraints.txt": (root / "constraints.txt").read_bytes(),
    }
    return {**generated, **{name: path.read_bytes() for name, path in _code(module, root)}}


def _code(module: str, root: Path) -> Iterator[tuple[str, Path]]:
    """A workload is known by its description and takes in data by its intake; both are looked up by name."""
    shared = root / "shared"
    finder = ModuleFinder(path=[str(root), str(shared)])
    finder.import_hook(f"{module}.main")
    for description in sorted((shared / "workloads").glob("*/workload.yaml")):
        finder.import_hook(f"workloads.{description.parent.name}.intake")
        yield description.relative_to(shared).as_posix(), description
    for found in finder.modules.values():
        if file := getattr(found, "__file__", None):
            path = Path(file)
            yield path.relative_to(shared if path.is_relative_to(shared) else root).as_posix(), path


def _requirements(deployable: Deployable, root: Path) -> str:
    """What the function's own requirements.txt asks for, without the project itself, which is in the bundle."""
    asked = (root / deployable.folder / "requirements.txt").read_text()
    extra = re.search(r"^\.\[([a-z-]+)\]$", asked, re.MULTILINE)
    if extra is None:
        raise BundleRefused(
            f"{deployable.folder}/requirements.txt must ask for one extra of the project, like .[ingest]"
        )
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    needed = sorted({*project["dependencies"], *_of(extra[1], project)})
    digest = hashlib.sha256((root / "constraints.txt").read_bytes()).hexdigest()
    return _REQUIREMENTS.format(digest=digest, needed="\n".join(needed))


def _of(extra: str, project: Mapping[str, Any]) -> Iterator[str]:
    for requirement in project["optional-dependencies"][extra]:
        own = re.fullmatch(r"headrace\[(.+)\]", requirement)
        if own is None:
            yield requirement
            continue
        for name in own[1].split(","):
            yield from _of(name.strip(), project)


def _check(archive: Path) -> None:
    size = archive.stat().st_size
    if size > MOST_BYTES:
        with zipfile.ZipFile(archive) as bundle:
            largest = max(bundle.infolist(), key=lambda file: file.file_size)
        archive.unlink()
        raise BundleRefused(
            f"{archive.name} would have {size >> 20} MiB, and may have {MOST_BYTES >> 20}; the largest file in it is "
            f"{largest.filename} with {largest.file_size >> 20} MiB"
        )
