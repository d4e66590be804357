"""A pin in, or none; where the version that answers for a workload is found, out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from headrace.errors import HeadraceError
from headrace.ports import Version
from services.inference.needs import Registry

PINNED = "pinned"
"""Stands for the alias of a version that was not found by one."""
UNREGISTERED = 0
"""The number of what a run logged."""

FORMS = "models:/NAME/3, models:/NAME@alias or runs:/RUN_ID/path"
_ALIAS = re.compile(r"models:/([^/@]+)@([^/@]+)")
_VERSION = re.compile(r"models:/([^/@]+)/([1-9]\d{0,8})")
_RUN = re.compile(r"runs:/([0-9A-Za-z_-]+)/(\w[\w./-]*)")


class PinRefused(HeadraceError):
    """A pin that means nothing; the message says what would."""


@dataclass(frozen=True, slots=True)
class Source:
    """What `alias` names from one moment to the next; or the version `pinned`; or what `run` logged under `path`."""

    alias: str = PINNED
    pinned: int | None = None
    run: str = ""
    path: str = ""

    def uri(self, workload: str) -> str:
        """As MLflow writes it."""
        if self.run:
            return f"runs:/{self.run}/{self.path}"
        return f"models:/{workload}@{self.alias}" if self.pinned is None else f"models:/{workload}/{self.pinned}"

    def number(self, aliases: Mapping[str, int]) -> int | None:
        """The version's number, where a workload has these `aliases`; None when there is no version."""
        return aliases.get(self.alias) if self.pinned is None else self.pinned

    def version(self, registry: Registry, workload: str) -> Version | None:
        """The version; None when the alias names none. Raises NotFound for a version or a run that is not there."""
        if self.run:
            return registry.logged(workload, self.run, self.path)
        return registry.alias(workload, self.alias) if self.pinned is None else registry.version(workload, self.pinned)


CHAMPION = Source("champion")


def pin(text: str) -> tuple[str, Source]:
    """The workload and the source that `WORKLOAD=URI` names. Raises PinRefused."""
    workload, _, uri = text.partition("=")
    if not workload or not uri:
        raise PinRefused(f"{text!r} is no pin; write WORKLOAD=URI, where URI is {FORMS}")
    if found := _RUN.fullmatch(uri):
        return workload, Source(pinned=UNREGISTERED, run=found[1], path=found[2].rstrip("/"))
    alias, version = _ALIAS.fullmatch(uri), _VERSION.fullmatch(uri)
    named = alias or version
    if named is None:
        raise PinRefused(f"{uri!r} names no model; write {FORMS}")
    if named[1] != workload:
        raise PinRefused(f"{uri!r} is a model of {named[1]}; {workload} can be pinned to its own models only")
    return workload, Source(alias[2]) if alias else Source(pinned=int(named[2]))
