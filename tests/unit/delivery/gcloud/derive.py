"""gcloud's own tree of commands in; the flags of those that a delivery gives out.

The tree is `data/cli/gcloud_completions.py` of an installed gcloud:
`python -m tests.unit.delivery.gcloud.derive /usr/lib/google-cloud-sdk > tests/unit/delivery/gcloud/commands.json`
"""

import ast
import json
import sys
from pathlib import Path
from typing import Any

FILE = "data/cli/gcloud_completions.py"
COMMANDS = (
    "artifacts docker images list-vulnerabilities",
    "artifacts docker images scan",
    "auth configure-docker",
    "auth list",
    "auth print-access-token",
    "auth print-identity-token",
    "billing projects describe",
    "compute project-info describe",
    "compute regions describe",
    "logging read",
    "projects describe",
    "run services list",
    "run services update-traffic",
    "services enable",
    "services list",
    "storage buckets create",
    "storage buckets describe",
    "storage buckets update",
)


def derived(tree: dict[str, Any], version: str) -> dict[str, Any]:
    """The flags of each command, and those that every command takes."""
    commands = {line: sorted(_node(tree, line)["flags"]) for line in COMMANDS}
    return {"version": version, "commands": commands, "wide": sorted(tree["flags"])}


def _node(tree: dict[str, Any], line: str) -> dict[str, Any]:
    for word in line.split():
        tree = tree["commands"][word]
    return tree


if __name__ == "__main__":
    sdk = Path(sys.argv[1])
    assignment = ast.parse((sdk / FILE).read_text()).body[-1]
    assert isinstance(assignment, ast.Assign)
    print(json.dumps(derived(ast.literal_eval(assignment.value), (sdk / "VERSION").read_text().strip()), indent=1))
