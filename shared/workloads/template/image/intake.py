"""The first bytes of a picture or an archive in; nothing out, or BadData when no model can come of it."""

from pathlib import PurePosixPath

from headrace.workload import BadData, Intake

from .schema import CLASSES

ARCHIVE = ".zip"
LAYOUT = f"put each picture into a folder named {' or '.join(CLASSES)}, or edit schema.py"


class _Intake:
    """A damaged picture among others is set aside later."""

    def peek(self, name: str, head: bytes) -> None:
        if name.lower().endswith(ARCHIVE):
            if not head.startswith(b"PK\x03\x04"):
                raise BadData(f"{name} is {'no ZIP archive' if head else 'empty'}; {LAYOUT}, and zip them")
        elif class_of(name) is None:
            raise BadData(f"{name} lies in no folder of a class; {LAYOUT}")


def class_of(path: str) -> str | None:
    """The class that a file's folder is named for."""
    folder = PurePosixPath(path).parent.name
    return folder if folder in CLASSES else None


intake: Intake = _Intake()
