"""The registry in; the versions of every workload that wait for a person's word, out."""

from collections.abc import Sequence

from headrace import catalogue, loading
from headrace.ports import Platform
from headrace.promotion.decisions import AWAITING
from services.studio.reading import versions
from services.studio.reading.versions import Seen


def everywhere(platform: Platform) -> list[Seen]:
    """Those of every workload that wants people asked, newest first."""
    wanted = [name for name in loading.names() if catalogue.describe(name).promotion.approval == "manual"]
    return [each for name in wanted for each in versions.of(platform, name) if each.verdict == AWAITING]


def champion(found: Sequence[Seen]) -> int | None:
    """The champion among a workload's versions."""
    return next((each.number for each in found if "champion" in each.aliases), None)


def overtaken(version: Seen, champion: int | None) -> str:
    """Why a version that waits cannot be approved any more, if it cannot: what it was judged against is gone."""
    if version.against == champion:
        return ""
    before, now = (f"version {number}" if number else "no champion" for number in (version.against, champion))
    return f"It was judged against {before}, and {now} is there now. Retrain to have another version judged."
