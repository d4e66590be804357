"""A Dockerfile in; its image, really built, without an engine and without a registry, out."""

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from headrace.delivery.images import Image
from tests.images.container import Configuration, Container

ROOT = Path(__file__).parents[2]
BASE = "localhost/base:1"
PACKAGES = "python3,python3-venv,ca-certificates"
SUITE = "bookworm"
REVISION = "0123456789abcdef"


def missing() -> str:
    """Why no image can be built here, and the way out; empty when it can."""
    if os.geteuid() != 0:
        return "images are built as root here: `sudo make test-images`"
    absent = [tool for tool in ("buildah", "debootstrap") if shutil.which(tool) is None]
    return f"{' and '.join(absent)} missing: `apt-get install {' '.join(absent)}`" if absent else ""


class Builder:
    """Debian's buildah, with a store of its own."""

    def __init__(self, folder: Path, bases: Path) -> None:
        self._folder, self._bases = folder, bases
        self._built: dict[Image, str] = {}

    def make_base(self) -> None:
        """A Debian with Python and nothing else, kept for the next time, as an image."""
        debian = self._bases / SUITE
        if not debian.is_dir():
            fresh = self._bases / f"{SUITE}.part"
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir(parents=True)
            subprocess.run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, fresh], check=True)
            fresh.rename(debian)
        name = self._buildah("from", "scratch")
        self._buildah("copy", "--quiet", name, str(debian), "/")
        self._buildah("commit", "--quiet", "--rm", name, BASE)

    def carry(self, tag: str, files: Mapping[str, str]) -> str:
        """An image of nothing but files of this machine: where each goes, and where it is."""
        name = self._buildah("from", "scratch")
        for there, here in files.items():
            self._buildah("copy", "--quiet", name, here, there)
        self._buildah("commit", "--quiet", "--rm", name, tag)
        return tag

    def build(self, family: str, name: str, given: Mapping[str, str], stage: str = "") -> str:
        """Run the Dockerfile, up to `stage`; it finds packages as this machine's pip does."""
        file = ROOT / "infra" / "images" / f"{family}.Dockerfile"
        print(f"{name}: building")
        started = time.monotonic()
        command = ["bud", "--layers", "--isolation", "chroot", "--format", "docker", *self._pip_as_here()]
        command += [f"--build-arg={argument}={value}" for argument, value in given.items()]
        command += [f"--target={stage}"] if stage else []
        self._buildah(*command, "--file", str(file), "--tag", f"localhost/{name}", str(ROOT))
        print(f"{name}: built in {time.monotonic() - started:.0f} s")
        return f"localhost/{name}"

    @contextmanager
    def container(self, image: Image) -> Iterator[Container]:
        """A container of the image, which is built when it is first asked for."""
        if image not in self._built:
            self._built[image] = self._build(image)
        with self.started(self._built[image]) as container:
            yield container

    @contextmanager
    def started(self, tag: str) -> Iterator[Container]:
        """A container of what is built."""
        with self.mounted(tag) as root:
            yield Container(tag.rpartition("/")[2], root, self._said(tag))

    @contextmanager
    def mounted(self, tag: str) -> Iterator[Path]:
        """The file system of a new container."""
        name = self._buildah("from", tag)
        try:
            yield Path(self._buildah("mount", name))
        finally:
            self._buildah("umount", name)
            self._buildah("rm", name)

    def clear(self) -> None:
        """Leave nothing mounted."""
        self._buildah("umount", "--all")
        self._buildah("rm", "--all")
        subprocess.run(["umount", "--quiet", self._folder / "store" / "overlay"], check=False)  # its store, on itself

    def _build(self, image: Image) -> str:
        given = {"BASE": BASE, "SERVICE": image.service, "REVISION": REVISION, "TORCH": "cpu"}
        given |= {"GPU": "yes"} if image.gpu else {}
        return self.build(image.family, image.name, given)

    def _said(self, tag: str) -> Configuration:
        said: dict[str, Any] = json.loads(self._buildah("inspect", "--type", "image", tag))["Docker"]["config"]
        return Configuration(
            command=(*(said.get("Entrypoint") or ()), *(said.get("Cmd") or ())),
            environment=dict(pair.split("=", 1) for pair in said["Env"]),
            folder=said["WorkingDir"],
            user=said["User"],
            labels=said["Labels"],
            check=tuple(said.get("Healthcheck", {}).get("Test", ())[1:]),
        )

    def _pip_as_here(self) -> list[str]:
        """This machine's pip configuration, with the files and folders that it names at their own paths."""
        told = subprocess.check_output(["python3", "-m", "pip", "config", "list"], text=True)
        options = dict(re.findall(r"^(?:global|:env:)\.([a-z-]+)='(.*)'$", told, re.MULTILINE))
        file = self._folder / "pip.conf"
        file.write_text("\n".join(["[global]", *(f"{name} = {value}" for name, value in options.items())]))
        named = re.findall(r"(?:^|\s|file://)(/\S+)", " ".join(options.values()))
        seen = {path if Path(path).is_file() else str(_top(Path(path))) for path in named if Path(path).exists()}
        return [f"--volume={file}:/etc/pip.conf:ro", *(f"--volume={path}:{path}:ro" for path in sorted(seen))]

    def _buildah(self, *arguments: str) -> str:
        store = ["--root", str(self._folder / "store"), "--runroot", str(self._folder / "run")]
        done = subprocess.run(["buildah", *store, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"buildah {' '.join(arguments)}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done.stdout.strip()


def _top(path: Path) -> Path:
    """A folder of packages keeps its files beside its index: all of it is needed."""
    return path.parent if path.name == "simple" else path
