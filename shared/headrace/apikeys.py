"""What a secret says of API keys in; each key's name, hash and allowance out; and the way back for a new one."""

import math
import re
import secrets
from dataclasses import dataclass
from hashlib import sha256

from headrace.errors import HeadraceError
from headrace.settings import VARIABLES

FORM = "name:sha256-hex[:requests-per-second[:burst]]"
WAY_OUT = "`headrace key new NAME` prints lines as they must be"
PREFIX = "headrace_"
MOST_PER_SECOND = 1_000_000.0

_NAMES = "it has 1 to 40 letters, digits, '.', '_', '@' or '-'"
_NAME = re.compile(r"[A-Za-z0-9._@-]{1,40}")
_HASH = re.compile(r"[0-9a-fA-F]{64}")
_COUNT = re.compile(r"[1-9][0-9]{0,6}")
_NUMBER = re.compile(r"[0-9]{1,7}(\.[0-9]{1,6})?")


class KeysMalformed(HeadraceError):
    """What the secret says cannot be understood; the message names the entry and never shows a hash whole."""


@dataclass(frozen=True, slots=True)
class Key:
    """Who may call, known by the SHA-256 of a key that is kept nowhere.

    `rate` is in requests a second, 0 without a limit; `burst` requests may come at once.
    """

    name: str
    digest: bytes
    rate: float = 0.0
    burst: int = 1


def parse(text: str) -> tuple[Key, ...]:
    """Every key in `text`, one a line or between commas. Raises KeysMalformed.

    A name may have several keys, so that one can take another's place.
    """
    entries = [entry.strip() for entry in re.split(r"[,\r\n]", text)]
    keys = tuple(_key(entry, place) for place, entry in enumerate(filter(None, entries), 1))
    for place, key in enumerate(keys, 1):
        if key.digest in {before.digest for before in keys[: place - 1]}:
            raise _malformed(place, f"has a hash that an entry before it has ({_start(key.digest.hex())})")
    return keys


def fresh() -> str:
    """A key that nobody can guess: 256 random bits, so that its hash needs neither salt nor slowness."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(key: bytes) -> bytes:
    """The hash under which a key is known."""
    return sha256(key).digest()


def entry(name: str, key: str, rate: float = 0.0, burst: int = 0) -> str:
    """The line to store for `key`, as `parse` reads it. Raises KeysMalformed."""
    if not _NAME.fullmatch(name):
        raise KeysMalformed(f"{name!r} is no name for a key; {_NAMES}")
    if burst and not rate:
        raise KeysMalformed(f"a burst of {burst} needs a rate: how many requests a second may follow it")
    parts = [name, digest(key.encode()).hex()]
    if rate:
        parts.append(f"{rate:.6f}".rstrip("0").rstrip("."))
    if burst:
        parts.append(str(burst))
    line = ":".join(parts)
    parse(line)
    return line


def _key(entry: str, place: int) -> Key:
    name, *rest = (part.strip() for part in entry.split(":"))
    if not 1 <= len(rest) <= 3:
        raise _malformed(place, f"({_start(entry)}) has {len(rest) + 1} parts; it is to be {FORM}")
    if not _NAME.fullmatch(name):
        raise _malformed(place, f"has the name {_start(name)}; {_NAMES}")
    known = rest[0]
    if known.startswith(PREFIX):
        raise _malformed(place, f"({name}) holds a key itself; store its SHA-256 and throw that key away")
    if not _HASH.fullmatch(known):
        found = f"{len(known)} characters, {_start(known)}"
        raise _malformed(place, f"({name}) has a hash of {found}; a SHA-256 has 64 hex digits")
    rate, burst = _allowance(name, rest[1:], place)
    return Key(name, bytes.fromhex(known), rate, burst)


def _allowance(name: str, given: list[str], place: int) -> tuple[float, int]:
    """Requests a second and how many at once."""
    if not given:
        return 0.0, 1
    rate = float(given[0]) if _NUMBER.fullmatch(given[0]) else 0.0
    if not 0 < rate <= MOST_PER_SECOND:
        raise _malformed(place, f"({name}) has the rate {_start(given[0])}; it is a number above 0, such as 2.5")
    if len(given) == 1:
        return rate, max(1, math.ceil(rate))
    if not _COUNT.fullmatch(given[1]):
        raise _malformed(place, f"({name}) has the burst {_start(given[1])}; it is a whole number of at least 1")
    return rate, int(given[1])


def _malformed(place: int, why: str) -> KeysMalformed:
    return KeysMalformed(f"{VARIABLES['api_keys']}: entry {place} {why}; {WAY_OUT}")


def _start(text: str) -> str:
    """So much of a value that one finds it, and too little to be of use: what stands there may be a secret."""
    return repr(text) if len(text) <= 4 else f"{text[:4]!r} and more"
