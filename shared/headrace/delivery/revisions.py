"""What Cloud Run says of its services in; which revision of each serves, and which is new, out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from headrace.delivery import terraform
from headrace.delivery.work import Delivery

STABLE, CANDIDATE = "stable", "candidate"


@dataclass(frozen=True, slots=True)
class Route:
    """A revision, its percentage of the requests, and the tag that has an address of its own."""

    revision: str
    percent: int
    tag: str
    url: str
    follows_latest: bool


@dataclass(frozen=True, slots=True)
class Service:
    """A Cloud Run service. `workload` is whose predictions it answers, `pages` whether people look at it, and
    `signs_in` whether IAP asks them who they are.
    """

    name: str
    url: str
    newest: str
    ready: str
    routes: tuple[Route, ...]
    workload: str = ""
    pages: bool = False
    signs_in: bool = False

    @classmethod
    def read(cls, said: Mapping[str, Any], workload: str = "", pages: bool = False, signs_in: bool = False) -> Self:
        """One of `gcloud run services list --format=json`."""
        status = said["status"]
        routes = tuple(
            Route(
                revision=each.get("revisionName", ""),
                percent=int(each.get("percent", 0)),
                tag=each.get("tag", ""),
                url=each.get("url", ""),
                follows_latest=bool(each.get("latestRevision")),
            )
            for each in status.get("traffic", ())
        )
        return cls(
            name=said["metadata"]["name"],
            url=status.get("url", ""),
            newest=status.get("latestCreatedRevisionName", ""),
            ready=status.get("latestReadyRevisionName", ""),
            routes=routes,
            workload=workload,
            pages=pages,
            signs_in=signs_in,
        )

    def tagged(self, tag: str) -> Route | None:
        """The route of that tag."""
        return next((route for route in self.routes if route.tag == tag), None)

    def stable(self) -> str:
        """The revision that is to serve: the one tagged so, or, before any delivery, the one that serves most."""
        if tagged := self.tagged(STABLE):
            return tagged.revision
        return max(self.routes, key=lambda route: route.percent).revision if self.routes else ""

    def candidate(self) -> str:
        """The newest revision, where it is not the stable one."""
        return self.newest if self.newest != self.stable() else ""

    def is_held(self) -> bool:
        """Whether the stable revision has every request, by name, and nothing is on trial."""
        everything = sum(route.percent for route in self.routes if route.revision == self.stable())
        pinned = not any(route.follows_latest for route in self.routes)
        return everything == 100 and pinned and bool(self.tagged(STABLE)) and not self.tagged(CANDIDATE)

    def address(self) -> str:
        """Where what is to be tried answers: the candidate's own address, else the service's."""
        tried = self.tagged(CANDIDATE)
        return tried.url if tried else self.url


def services(delivery: Delivery) -> tuple[Service, ...]:
    """Every service whose traffic is moved, as it is now; none before the first apply.

    MLflow's is not: two revisions at once would write the same file. Its newest revision takes over.
    """
    outputs = terraform.main(delivery).outputs()
    urls = outputs.get("services", {})
    moved = {name: url for name, url in urls.items() if url != outputs.get("mlflow_url")}
    if not moved:
        return ()
    workloads = {url: name for name, url in outputs.get("inference_urls", {}).items()}
    studio = outputs.get("studio") or {"url": "", "iap": False}
    said = delivery.gcloud("run", "services", "list", f"--region={delivery.target.region}", "--format=json")
    found = {each["metadata"]["name"]: each for each in json.loads(said or "[]")}
    return tuple(
        Service.read(found[name], workloads.get(url, ""), pages := url == studio["url"], pages and studio["iap"])
        for name, url in moved.items()
        if name in found
    )
