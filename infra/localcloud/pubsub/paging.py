"""Sorted names and a page token in; one page and the next token out."""

from collections.abc import Iterable

from localcloud.pubsub.refusals import invalid

_LARGEST = 1000


def page_of(names: Iterable[str], size: int, token: str) -> tuple[list[str], str]:
    """Up to `size` names (0: as many as allowed) after `token`, which is the last name of the page before."""
    if size < 0:
        raise invalid(f"page_size is {size}; give 0 or more.")
    rest = sorted(name for name in names if name > token)
    page = rest[: min(size or _LARGEST, _LARGEST)]
    return page, page[-1] if len(page) < len(rest) else ""
