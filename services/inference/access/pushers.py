"""Pushes in; those that Google signed for the push account go through, any other is refused."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from headrace.errors import Unauthorized, Unavailable
from headrace.ports import Tokens
from services.inference.access.bearer import bearer
from services.inference.web.answers import Refused
from services.inference.web.request import Request

log = logging.getLogger("headrace.inference.pushers")

ISSUERS = ("https://accounts.google.com", "accounts.google.com")
LONGEST_TOKEN = 8192


class Pushers:
    """Takes pushes of `account` that are meant for `audience`; `tokens` is first asked for by a push, in a thread."""

    def __init__(self, account: str, audience: str, tokens: Callable[[], Tokens]) -> None:
        self._account, self._audience, self._tokens = account, audience, tokens
        self._thread = ThreadPoolExecutor(1, "tokens")

    async def check(self, request: Request) -> None:
        """Raises Refused: 401 without a valid token for this address, 403 for another's, 503 while none can be checked.

        Pub/Sub pushes again what was refused.
        """
        token = bearer(request)
        if not token:
            raise _not_valid("there is none")
        if len(token) > LONGEST_TOKEN:
            raise _not_valid(f"it has {len(token)} bytes, and none has more than {LONGEST_TOKEN}")
        try:
            loop = asyncio.get_running_loop()
            claims = await loop.run_in_executor(self._thread, self._claims, token.decode("latin-1"))
        except Unauthorized as error:
            raise _not_valid(str(error)) from None
        except Unavailable as error:
            log.warning("a push could not be checked: %s", error)
            sentence = "the token cannot be checked at the moment; push again"
            raise Refused(503, sentence, ((b"retry-after", b"5"),)) from None
        self._judge(claims)

    def close(self) -> None:
        """Check no more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _claims(self, token: str) -> Mapping[str, Any]:
        return self._tokens().claims(token)

    def _judge(self, claims: Mapping[str, Any]) -> None:
        issuer, audience, email = claims.get("iss"), claims.get("aud"), claims.get("email")
        if issuer not in ISSUERS:
            raise _not_valid(f"its iss is {_shown(issuer)}, not {ISSUERS[0]}")
        if audience != self._audience:
            raise _not_valid(f"its aud is {_shown(audience)}, not {self._audience!r}")
        if claims.get("email_verified") is not True:
            raise Refused(403, f"the token's email_verified is {_shown(claims.get('email_verified'))}, not true")
        if email != self._account:
            log.warning("refused a push of %s; pushes are taken of %s", _shown(email), self._account)
            raise Refused(403, f"the token's email is {_shown(email)}, which is not the account that pushes here")


def _not_valid(why: str) -> Refused:
    sentence = f"events are taken with a token that Google signed for the push account, as a bearer: {why}"
    return Refused(401, sentence, ((b"www-authenticate", b"Bearer"),))


def _shown(value: object) -> str:
    return repr(value)[:120]
