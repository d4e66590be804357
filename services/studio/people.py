"""Who looks at the studio, and what that person may do."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from headrace.errors import HeadraceError
from headrace.settings import VARIABLES

Role = Literal["viewer", "operator"]


class Unsafe(HeadraceError):
    """The settings would let in whom they must not, or contradict each other."""


@dataclass(frozen=True, slots=True)
class Person:
    """`name` goes into every record of what the person decides: an e-mail address in the cloud, else the local user."""

    name: str
    role: Role

    @property
    def may_decide(self) -> bool:
        """Whether the person may upload, approve, reject, roll back and retrain."""
        return self.role == "operator"


def operators(text: str) -> frozenset[str]:
    """E-mail addresses and domains, comma between, in lower case. Raises Unsafe for what is neither."""
    found = frozenset(each.strip().lower().removeprefix("@") for each in text.split(",") if each.strip())
    for each in found:
        if any(character in each for character in " :/*") or each.count("@") > 1 or "." not in each:
            raise Unsafe(
                f"{VARIABLES['operators']} names {each!r}; it takes e-mail addresses and domains, comma between, as in "
                "ada@example.com,example.org"
            )
    return found


def known(email: str, deciding: Iterable[str]) -> Person:
    """The person with that address: operator where it or its domain is among `deciding`."""
    address = email.lower()
    return Person(email, "operator" if {address, address.rpartition("@")[2]} & set(deciding) else "viewer")
