"""The resources of an environment in; the text that its expectations are kept as out."""

from collections import defaultdict
from collections.abc import Mapping

from tests.infra.estate import Resource
from tests.infra.expected.facts import facts

_HEAD = """\
# {what}, one line a resource: {count} of them.
# `make infra-expected` writes it anew from the code and topology.yaml; read the difference before you commit it.
"""
_ADDED_TO = {"options": "prod"}
"""Environments of which only what they add to another is listed."""


def listing(environment: str, made: Mapping[str, list[Resource]]) -> str:
    """One section a type of resource, one line a resource; `made` is what each environment holds."""
    lines = _lines(made[environment])
    what = f"What applying {environment} makes"
    if environment in _ADDED_TO:
        base = _ADDED_TO[environment]
        lines = {kind: sorted(set(each) - set(_lines(made[base])[kind])) for kind, each in lines.items()}
        what = f"What changes in {base} with every option set"
    text = _HEAD.format(what=what, count=sum(map(len, lines.values())))
    for kind in sorted(kind for kind, each in lines.items() if each):
        text += f"\n{kind}\n" + "".join(f"  {line}\n" for line in lines[kind])
    return text


def _lines(resources: list[Resource]) -> dict[str, list[str]]:
    lines: dict[str, list[str]] = defaultdict(list)
    for resource in resources:
        lines[resource.type].append(facts(resource))
    return defaultdict(list, {kind: sorted(each) for kind, each in lines.items()})
