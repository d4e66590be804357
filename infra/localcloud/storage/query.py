"""A request's query string in; typed parameters out, and 501 for any parameter the endpoint does not honour."""

from starlette.requests import Request

from localcloud.storage.errors import invalid, unimplemented

# They choose billing, tracing or formatting, never what is stored.
_HARMLESS = frozenset(
    {"alt", "prettyPrint", "quotaUser", "userIp", "key", "access_token", "oauth_token", "userProject", "fields"}
)
# Accepted with these values only: they ask for what happens anyway. Buckets here have uniform bucket-level
# access and one owner, so private predefined ACLs and both projections come to the same.
_PRIVATE = frozenset({"private", "projectPrivate", "bucketOwnerFullControl"})
_NO_EFFECT = {
    "projection": frozenset({"full", "noAcl"}),
    "predefinedAcl": _PRIVATE,
    "predefinedDefaultObjectAcl": _PRIVATE,
    "destinationPredefinedAcl": _PRIVATE,
    "enableObjectRetention": frozenset({"false"}),
    "softDeleted": frozenset({"false"}),
    "includeFoldersAsPrefixes": frozenset({"true", "false"}),
    "returnPartialSuccess": frozenset({"true", "false"}),
}
# Google's Python client writes this one so on uploads.
_ALIASES = {"ifMetaGenerationNotMatch": "ifMetagenerationNotMatch"}
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


class Query:
    """The parameters of one request, limited to those its endpoint names."""

    def __init__(self, request: Request, *honoured: str) -> None:
        self._values = {_ALIASES.get(name, name): value for name, value in request.query_params.items()}
        for name, value in self._values.items():
            if name in honoured or name in _HARMLESS:
                continue
            accepted = _NO_EFFECT.get(name, frozenset())
            if value not in accepted and value.lower() not in accepted:
                raise unimplemented(f"query parameter {name}={value!r} on {request.method} {request.url.path}")

    def text(self, name: str) -> str | None:
        """The parameter, or None when absent or empty."""
        return self._values.get(name) or None

    def integer(self, name: str) -> int | None:
        """The parameter as an integer, or None when absent."""
        value = self._values.get(name)
        if value is None:
            return None
        try:
            return int(value)
        except ValueError:
            raise invalid(f"the query parameter {name}={value!r} is not an integer") from None

    def flag(self, name: str) -> bool:
        """The parameter as true or false; false when absent."""
        value = self._values.get(name, "false")
        if value.lower() not in _FLAGS:
            raise invalid(f"the query parameter {name}={value!r} is neither true nor false")
        return _FLAGS[value.lower()]
