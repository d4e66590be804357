"""Names of columns in; a refusal where they do not make a table out."""

from collections.abc import Sequence
from typing import Any

from services.inference.api.instances import kind
from services.inference.web.answers import Refused

MOST_COLUMNS = 2000
MOST_CELLS = 2_000_000
"""Of one table: each takes some hundred bytes in an instance, and may be a bit of what was sent."""


class Empty(Exception):
    """The table has columns and no row, so there is nothing to predict, which is no mistake."""


def check_names(names: Sequence[Any], where: str) -> None:
    """Raises Refused unless every name is a text and there only once."""
    seen: set[str] = set()
    for place, name in enumerate(names):
        if type(name) is not str:
            raise Refused(400, f"{where}[{place}] is {kind(name)}; send the names of the model's fields")
        if name in seen:
            raise Refused(400, f"{where} has {name[:60]!r} twice; send every column once")
        seen.add(name)


def bound(columns: int, most: int) -> int:
    """How many rows a table of so many columns may have, where a request may have `most`."""
    return min(most, MOST_CELLS // max(1, columns))


def check_count(rows: int, most: int) -> None:
    """Raises Refused beyond `most` rows, before they are made into instances; Empty when there is none."""
    if rows > most:
        raise Refused(413, f"the table has more than {most} rows; send at most {most} at once")
    if not rows:
        raise Empty
