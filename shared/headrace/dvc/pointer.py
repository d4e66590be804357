"""A `.dvc` file in; what it tracks out; and back, to the letter as DVC writes it."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from headrace.dvc.tree import DIR
from headrace.errors import Rejected

_HASH = re.compile(rf"[0-9a-f]{{32}}({re.escape(DIR)})?")


@dataclass(frozen=True, slots=True)
class Pointer:
    """Tracked data: where it lies, or belongs, on this machine, and the hash of its content."""

    data: Path
    hash: str

    @property
    def is_folder(self) -> bool:
        """Whether the hash is that of a folder's listing."""
        return self.hash.endswith(DIR)


def read(file: Path) -> Pointer:
    """What `file` tracks. Raises Rejected when it is not one thing that DVC 3 knows by its MD5."""
    try:
        content = yaml.safe_load(file.read_text("utf-8"))
        (out,) = content["outs"]
        hash, path = _HASH.fullmatch(out["md5"]), out["path"]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise Rejected(f"{file} does not track one file or folder by its MD5; make it with `dvc add`") from error
    if hash is None:
        raise Rejected(f"{file} tracks its data by {out['md5']!r}, which is no MD5; make it with `dvc add`")
    if out.get("hash") != "md5":
        raise Rejected(f"{file} was written by DVC 2; `dvc cache migrate --dvc-files` brings it up to date")
    return Pointer(file.parent / content.get("wdir", ".") / path, hash[0])


def write(data: Path, hash: str, size: int, files: int) -> Path:
    """Track the folder `data` with a file beside it, as `dvc add` does; returns the file."""
    out: dict[str, Any] = {"md5": hash, "size": size, "nfiles": files, "hash": "md5", "path": data.name}
    file = data.with_name(f"{data.name}.dvc")
    file.write_text(yaml.safe_dump({"outs": [out]}, sort_keys=False, allow_unicode=True), "utf-8")
    return file
