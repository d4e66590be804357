"""Settings and the headers of a look at the studio in; the person that looks, or a refusal, out."""

import getpass
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

from headrace.errors import Unauthorized
from headrace.ports import Tokens
from headrace.settings import VARIABLES, Settings, SettingsMissing
from services.studio import people
from services.studio.people import Person, Unsafe

ISSUER = "https://cloud.google.com/iap"
PERSON = "x-headrace-person"
"""The header in which the gate tells the script who looks; it is taken from whatever comes from outside."""

YES = "yes"
LONGEST_ASSERTION = 8192
_AUDIENCE, _VIEWERS, _BUS = (VARIABLES[name] for name in ("iap_audience", "unsigned_viewers", "pubsub_endpoint"))

Way = Literal["iap", "unsigned", "laptop"]


def way(where: Settings) -> Way:
    """How people sign in, by the settings. Raises SettingsMissing or Unsafe."""
    if where.unsigned_viewers not in ("", YES):
        raise Unsafe(f"{_VIEWERS} is {where.unsigned_viewers!r}; leave it out, or say {YES!r}")
    if where.iap_audience and where.unsigned_viewers:
        raise Unsafe(f"{_VIEWERS} and {_AUDIENCE} contradict each other; set one of them")
    people.operators(where.operators)
    if where.iap_audience:
        return "iap"
    if where.unsigned_viewers:
        return "unsigned"
    if not is_loopback(where.pubsub_endpoint):
        raise SettingsMissing(
            f"set {_AUDIENCE} to what Identity-Aware Proxy signs for, as in /projects/NUMBER/locations/REGION/services/"
            f"studio, or {_VIEWERS}={YES} where Cloud Run itself lets in whom it knows and everybody looks only"
        )
    return "laptop"


def check_address(where: Settings, host: str) -> None:
    """Raises Unsafe where the studio would let a whole network decide as the one whose laptop this is."""
    if way(where) == "laptop" and not is_loopback(host):
        raise Unsafe(
            f"whoever reaches a local stack's studio decides as {getpass.getuser()}, and {host} is no loopback "
            f"address; leave out --host, or let everybody look only with {_VIEWERS}={YES}"
        )


def signed_in(tokens: Callable[[], Tokens], audience: str) -> Callable[[str], str]:
    """From an assertion of Identity-Aware Proxy to the e-mail address that it is about.

    What it returns raises Unauthorized with a sentence, or Unavailable when the keys cannot be had.
    """

    def email(assertion: str) -> str:
        if not assertion:
            raise Unauthorized("there is none; open the studio at the address that Identity-Aware Proxy guards")
        if len(assertion) > LONGEST_ASSERTION:
            raise Unauthorized(f"it has {len(assertion)} bytes, and none has more than {LONGEST_ASSERTION}")
        return _judged(tokens().claims(assertion), audience)

    return email


def person(where: Settings, headers: Mapping[str, str]) -> Person:
    """Who looks, by the headers that the gate let through."""
    match way(where):
        case "iap":
            return people.known(headers[PERSON], people.operators(where.operators))
        case "unsigned":
            return Person("somebody", "viewer")
        case "laptop":
            return Person(getpass.getuser(), "operator")


def is_loopback(endpoint: str) -> bool:
    """Whether a host, a host and port, or a URL is this machine's own."""
    try:
        host = urlsplit(endpoint if "//" in endpoint else f"//{endpoint}").hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _judged(claims: Mapping[str, Any], audience: str) -> str:
    email = claims.get("email")
    if claims.get("iss") != ISSUER:
        raise Unauthorized(f"its iss is {_shown(claims.get('iss'))}, not {ISSUER}")
    if claims.get("aud") != audience:
        raise Unauthorized(f"its aud is {_shown(claims.get('aud'))}, not {audience!r}")
    if not isinstance(email, str) or "@" not in email:
        raise Unauthorized(f"its email is {_shown(email)}")
    return email


def _shown(value: object) -> str:
    return repr(value)[:120]
