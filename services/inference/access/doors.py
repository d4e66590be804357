"""Settings in; who may call, and who may push, out."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from headrace import apikeys
from headrace.errors import HeadraceError
from headrace.ports import Tokens
from headrace.settings import VARIABLES, Settings, SettingsMissing
from services.inference.access.guard import Guard
from services.inference.access.pushers import Pushers

EVENTS = "/events"
YES = "yes"
_SWITCH, _ACCOUNT, _BUS = (VARIABLES[name] for name in ("unsigned_pushes", "push_account", "pubsub_endpoint"))


class Unsafe(HeadraceError):
    """The settings would let in whom they must not, or contradict each other."""


@dataclass(frozen=True, slots=True)
class Doors:
    """Without a `guard` whoever reaches the service may call it; without `pushers` a push needs no token."""

    guard: Guard | None = None
    pushers: Pushers | None = None


OPEN = Doors()


def doors(where: Settings, tokens: Callable[[], Tokens]) -> Doors:
    """What the settings say. Raises SettingsMissing, Unsafe or KeysMalformed."""
    keys = apikeys.parse(where.api_keys)
    return Doors(Guard(keys) if keys else None, _pushers(where, tokens))


def _pushers(where: Settings, tokens: Callable[[], Tokens]) -> Pushers | None:
    if where.unsigned_pushes:
        _check_switch(where)
        return None
    if not where.push_account:
        raise SettingsMissing(
            f"set {_ACCOUNT} to the service account that Pub/Sub pushes as and {VARIABLES['inference_url']} to this "
            f"service's address (on a laptop `headrace up` sets {_SWITCH}={YES} instead)"
        )
    if "@" not in where.push_account:
        raise Unsafe(f"{_ACCOUNT} is {where.push_account!r}; it is the e-mail address of a service account")
    if not where.inference_url:
        needs = "it is the audience of the tokens that pushes come with"
        raise SettingsMissing(f"set {VARIABLES['inference_url']} to this service's address; {needs}")
    return Pushers(where.push_account, where.inference_url.rstrip("/") + EVENTS, tokens)


def _check_switch(where: Settings) -> None:
    """The switch is for a stack whose Pub/Sub nobody reaches but this machine, and which has no account to ask for."""
    if where.unsigned_pushes != YES:
        raise Unsafe(f"{_SWITCH} is {where.unsigned_pushes!r}; leave it out, or say {YES!r} on a local stack")
    if where.push_account:
        raise Unsafe(f"{_SWITCH} and {_ACCOUNT} contradict each other; set one of them")
    if not _is_loopback(where.pubsub_endpoint):
        found = f"is {where.pubsub_endpoint!r}, no loopback address" if where.pubsub_endpoint else "is not set"
        raise Unsafe(
            f"{_SWITCH} lets anybody push; it is for a local stack alone, and {_BUS} {found}; "
            f"leave the switch out and set {_ACCOUNT}"
        )


def _is_loopback(endpoint: str) -> bool:
    try:
        host = urlsplit(endpoint if "//" in endpoint else f"//{endpoint}").hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
