"""Requests as Google Cloud and MLflow send them, one a file: headers and a body.

A body is JSON, or the text exactly as it was sent where that is signed: MLflow 3.17.2 signed those in `mlflow/` with
SECRET.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SECRET = "a secret that both sides were told"


@dataclass(frozen=True, slots=True)
class Sample:
    """One request."""

    headers: dict[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def load(name: str) -> Sample:
    """The sample of that name, without `.json`; those in a folder are named with it."""
    content = json.loads((HERE / f"{name}.json").read_text("utf-8"))
    body = content["body"]
    return Sample(content["headers"], (body if isinstance(body, str) else json.dumps(body)).encode())


def names(folder: str = ".") -> list[str]:
    """The samples in `folder`."""
    return sorted(path.relative_to(HERE).with_suffix("").as_posix() for path in (HERE / folder).glob("*.json"))
