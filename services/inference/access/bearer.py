"""A request in; the token of its `authorization` header out."""

from services.inference.web.request import Request


def bearer(request: Request) -> bytes:
    """What follows `Bearer` in the header; empty where there is none."""
    scheme, _, token = request.headers.get(b"authorization", b"").partition(b" ")
    return token.strip() if scheme.lower() == b"bearer" else b""
