"""A query's text in; the same text where it is one statement that reads, else a sentence, out."""

import re

from headrace.errors import Rejected

_FIRST = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*(\w*)", re.DOTALL)
_ORDERED = re.compile(r"\border\s+by\b", re.IGNORECASE)


def checked(query: str) -> str:
    """The one statement in `query`. Raises Rejected when it may do more than read.

    What the first word cannot tell (a writing function, a WITH that deletes) the read-only transaction refuses.
    """
    statement = query.strip().rstrip(";").rstrip()
    found = _FIRST.match(statement)
    word = found[1] if found else ""
    if word.lower() not in ("select", "with"):
        raise Rejected(f"the query begins with {word or 'nothing'!r}; only SELECT and WITH are let through")
    if ";" in statement:
        raise Rejected("the query has a semicolon before its end; give one statement, and write ; in a text as chr(59)")
    return statement


def is_ordered(query: str) -> bool:
    """Whether the rows come in an order that the query asks for; without one, each pull may be another version."""
    return bool(_ORDERED.search(query))
