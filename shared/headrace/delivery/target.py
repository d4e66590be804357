"""A project, a region, an environment and a revision in; what everything is called there out."""

import re
from dataclasses import dataclass
from pathlib import Path

from headrace.delivery.commands import CommandFailed, Commands
from headrace.errors import Rejected

REGION = "europe-west1"

_PROJECT = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
_ADDRESS = re.compile(r"(?:(?:https|ssh)://)?(?:[^@/]+@)?([^@/:]+\.[^@/:]+)(?::\d+)?[:/](.+?)(?:\.git)?/?")
_REVISION = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,60}")


@dataclass(frozen=True, slots=True)
class Target:
    """Where this commit goes. `root` is the repository's folder."""

    project: str
    region: str
    environment: str
    revision: str
    root: Path

    @property
    def state_bucket(self) -> str:
        """Keeps Terraform's state."""
        return f"{self.project}-tfstate"

    @property
    def registry_host(self) -> str:
        """Whom Docker logs in to."""
        return f"{self.region}-docker.pkg.dev"

    @property
    def build(self) -> Path:
        """What steps leave for the steps after them."""
        return self.root / "build"

    def image(self, name: str, tag: str = "") -> str:
        """An image's name in the registry, of this revision unless `tag` says which."""
        return f"{self.registry_host}/{self.project}/headrace/{name}:{tag or self.revision}"


def target(root: Path, project: str, region: str, environment: str, revision: str) -> Target:
    """The checked target. Raises Rejected with what to write instead."""
    if not _PROJECT.fullmatch(project):
        raise Rejected(
            f"{project!r} is no project's id: 6 to 30 small letters, digits and hyphens; see `gcloud projects list`"
        )
    known = sorted(file.stem for file in (root / "infra" / "environments").glob("*.tfvars"))
    if environment not in known:
        raise Rejected(
            f"there is no infra/environments/{environment}.tfvars; --environment is one of {', '.join(known)}"
        )
    if not _REVISION.fullmatch(revision):
        raise Rejected(f"{revision!r} cannot be an image's tag; use up to 61 letters, digits, '.', '_' and '-'")
    return Target(project, region, environment, revision, root)


def commit(commands: Commands) -> str:
    """The commit that is checked out, which images are tagged with. Raises Rejected where files differ from it."""
    if commands.ask("git", "status", "--porcelain"):
        raise Rejected(
            "files differ from the last commit, and what is deployed is named by its commit: commit them, or give this "
            "state a name of its own with --revision"
        )
    return commands.ask("git", "rev-parse", "HEAD")


def origin(commands: Commands) -> str:
    """Where the code that is checked out can be looked at, for an image's label; empty where that is not known.

    Whatever lets somebody in there is left out.
    """
    try:
        url = commands.ask("git", "remote", "get-url", "origin")
    except CommandFailed:
        return ""
    found = _ADDRESS.fullmatch(url)
    return f"https://{found[1]}/{found[2]}" if found else ""
