"""What a client says of an answer in; the line that is told of it out."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from services.inference.web import answers

TOPIC = "feedback"

Label = Annotated[str, Meta(min_length=1, max_length=1000)] | int | float
Rating = Annotated[int, Meta(ge=1, le=5)]
Comment = Annotated[str, Meta(min_length=1, max_length=2000)]


class Feedback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is true of one row of a request, or thought of its answer; `index` counts its rows from 0."""

    request_id: Annotated[str, Meta(min_length=1, max_length=128)]
    label: Label | UnsetType = UNSET
    rating: Rating | UnsetType = UNSET
    comment: Comment | UnsetType = UNSET
    index: Annotated[int, Meta(ge=0)] = 0

    @property
    def says(self) -> dict[str, Any]:
        """Its label, rating and comment, where it has them; the label as a string, as `Serving.labelled` takes it."""
        given = {"label": self.label, "rating": self.rating, "comment": self.comment}
        found = {name: value for name, value in given.items() if value is not UNSET}
        return found | {"label": str(self.label)} if "label" in found else found


class Told(msgspec.Struct, frozen=True, gc=False):
    """One feedback as it is logged."""

    time: datetime
    workload: str
    caller: str
    feedback: Feedback

    @property
    def size(self) -> int:
        """About how many bytes it holds in memory."""
        return 400 + sum(len(str(value)) for value in self.feedback.says.values())

    def encode(self) -> bytes:
        """The line as JSON."""
        said = self.feedback
        about = {
            "time": self.time,
            "request_id": said.request_id,
            "index": said.index,
            "workload": self.workload,
            "caller": self.caller,
        }
        return answers.encode(about | said.says)
