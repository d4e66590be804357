"""The name and first bytes of an uploaded file in; nothing out, or BadData when no pair of images can come of it."""

from headrace.workload import BadData, Intake

from .layout import is_named


class _Intake:
    """A damaged image among others is set aside later; here only what cannot be a dataset is refused."""

    def peek(self, name: str, head: bytes) -> None:
        """Raises BadData for a file by itself whose name does not say what it shows."""
        if "/" in name or is_named(name):
            return
        what = "is empty and" if not head else "is a single image that"
        raise BadData(
            f"{name} {what} belongs to no pair; upload a folder of TERRAIN/s1/NAME_s1_8_p3.png with "
            "TERRAIN/s2/NAME_s2_8_p3.png"
        )


intake: Intake = _Intake()
