"""The text of a workload.yaml in; what it says, by key, or a sentence on why it says nothing, out."""

from collections.abc import Mapping
from typing import Any

import yaml

from headrace.errors import Rejected


class _Loader(yaml.SafeLoader):
    """Takes a key that is there twice for the mistake that it is; YAML's own way is to forget the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value in seen and isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key.value!r} is there a second time", problem_mark=key.start_mark
                )
            if isinstance(key, yaml.ScalarNode):
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def read(name: str, text: str) -> Mapping[str, Any]:
    """What the file `name` says. Raises Rejected with the line where it is not YAML."""
    try:
        found = yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}" if error.problem_mark else "it"
        raise Rejected(f"{name} is not valid: {line}: {error.problem}") from error
    if not isinstance(found, Mapping):
        raise Rejected(f"{name} is not valid: it has no keys, such as title: and promotion:")
    return found
