"""New revisions in; requests that move to them share by share, or back to those before, out."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from headrace.delivery import errorrate, smoke
from headrace.delivery.revisions import CANDIDATE, STABLE, Service, services
from headrace.delivery.work import Delivery
from headrace.errors import Rejected


def hold(delivery: Delivery) -> None:
    """Every request to the stable revisions, whatever comes next and whatever broke off before."""
    for service in services(delivery):
        if service.stable() and not service.is_held():
            _pin(delivery, service, service.stable())


def stage(delivery: Delivery) -> None:
    """Give each new revision an address and no request; a service's first revision is stable at once."""
    for service in services(delivery):
        if service.newest != service.ready:
            raise Rejected(
                f"{service.newest} does not start; `gcloud run revisions describe {service.newest}` says why"
            )
        if not service.tagged(STABLE):
            _pin(delivery, service, service.stable())
        elif service.candidate():
            delivery.say(f"{service.name}: {service.candidate()} is on trial")
            _move(delivery, service, f"--set-tags={STABLE}={service.stable()},{CANDIDATE}={service.candidate()}")


def try_out(delivery: Delivery) -> None:
    """Ask every new revision before it gets a request; when one does not answer as it should, nothing is on trial."""
    try:
        smoke.smoke(delivery)
    except BaseException:
        hold(delivery)
        raise


def shift(delivery: Delivery) -> None:
    """Move requests to the new revisions share by share; back at once when one does not bear it."""
    staged = [service for service in services(delivery) if service.tagged(CANDIDATE)]
    if not staged:
        delivery.say("no service has a new revision")
        return
    try:
        for share in delivery.policy.traffic.shares:
            _give(delivery, staged, share)
    except BaseException:
        delivery.say("the new revisions do not bear it: back to those before")
        hold(delivery)
        raise
    for service in staged:
        _pin(delivery, service, service.candidate())


def _give(delivery: Delivery, staged: Sequence[Service], share: int) -> None:
    since = datetime.now(UTC)
    for service in staged:
        rest = f",{STABLE}={100 - share}" if share < 100 else ""
        _move(delivery, service, f"--to-tags={CANDIDATE}={share}{rest}")
    seconds = delivery.policy.traffic.watch_seconds
    delivery.say(f"{share} % of the requests go to the new revisions; watching for {seconds:g} s")
    time.sleep(seconds)
    smoke.ask(delivery, staged)
    errorrate.check(delivery, [service.candidate() for service in staged], since)


def _pin(delivery: Delivery, service: Service, revision: str) -> None:
    """By name: a revision that comes later gets no request by itself."""
    delivery.say(f"{service.name}: every request to {revision}")
    _move(delivery, service, f"--to-revisions={revision}=100", f"--set-tags={STABLE}={revision}")


def _move(delivery: Delivery, service: Service, *how: str) -> None:
    target = delivery.target
    where = (f"--region={target.region}", f"--project={target.project}")
    delivery.commands.run("gcloud", "run", "services", "update-traffic", service.name, *how, *where)
