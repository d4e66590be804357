"""An Accept header and whether an answer holds an image in; whether to answer with that image out."""

from services.inference.web.answers import Refused

JSON = frozenset(
    (None, b"", b"*/*", b"application/json", b"application/json, */*", b"application/json, text/plain, */*")
)
"""What clients usually say; the answer to these is JSON."""


def wants_png(header: bytes, image: bool) -> bool:
    """True when the client likes PNG better than JSON. Raises Refused (406) when it takes nothing that there is."""
    given = _ranges(header.decode("latin-1"))
    as_json, as_png = _liking(given, "application", "json"), _liking(given, "image", "png")
    if image and as_png > as_json:
        return True
    if as_json[0] > 0:
        return False
    offered = "application/json or image/png" if image else "application/json"
    raise Refused(406, f"accept is {header[:80].decode('latin-1')!r}; the answer is {offered}")


def _liking(given: dict[str, float], kind: str, sort: str) -> tuple[float, int]:
    """How much the client likes a type, and how exactly it said so: the most exact range counts."""
    for exactness, name in ((3, f"{kind}/{sort}"), (2, f"{kind}/*"), (1, "*/*")):
        if name in given:
            return given[name], exactness
    return 0.0, 0


def _ranges(header: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in header.split(","):
        name, *options = (piece.strip().lower() for piece in part.split(";"))
        found[name] = next((_quality(option[2:]) for option in options if option.startswith("q=")), 1.0)
    return found


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0
