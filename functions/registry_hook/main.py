"""MLflow's webhook in; ModelRegistered and ModelPromoted out."""

import json
import logging
from collections.abc import Iterable, Iterator

import functions_framework
from flask import Request
from pydantic import ValidationError

from functions.registry_hook.signature import verify
from headrace import loading, tracing
from headrace.bus import triggers
from headrace.bus.envelope import Received
from headrace.bus.runtime import Handlers, handle
from headrace.bus.triggers import AliasRemoved, AliasSet, VersionCreated
from headrace.errors import Unauthorized
from headrace.events import ModelPromoted, ModelRegistered
from headrace.ports import Platform
from headrace.promotion import aliases, promotions
from headrace.wiring import on_gcp

log = logging.getLogger("headrace.registry_hook")

Answer = tuple[str, int]


def version_created(event: VersionCreated, _: Platform) -> Iterator[ModelRegistered]:
    """A version of a workload's model is up for judgement."""
    if event.name in loading.names():
        with tracing.use(tracing.parse(event.tags.get(tracing.TAG)).child()):
            yield ModelRegistered(workload=event.name, version=event.version)


def alias_set(event: AliasSet, platform: Platform) -> Iterator[ModelPromoted]:
    """An alias was set: keep that, and tell what the champion's says now, which need not be what this delivery says."""
    if event.name in loading.names():
        if event.alias == "champion":
            yield from promotions.observe(platform, event.name)
        aliases.observe(platform, event.name)


def alias_removed(event: AliasRemoved, platform: Platform) -> Iterable[ModelPromoted]:
    """An alias was removed: keep that; no version is champion because another is not any more."""
    if event.name in loading.names():
        aliases.observe(platform, event.name)
    return ()


HANDLERS: Handlers = {VersionCreated: version_created, AliasSet: alias_set, AliasRemoved: alias_removed}


@functions_framework.http
def main(request: Request) -> Answer:
    """Cloud Functions' entry point: 401 unsigned or stale, 400 malformed, 204 for what the loop does not follow."""
    platform = on_gcp("mlflow_url", "webhook_secret")
    body = request.get_data()
    try:
        verify(request.headers, body, platform.settings.webhook_secret, platform.clock.now())
        trigger = triggers.from_webhook(json.loads(body))
    except Unauthorized as error:
        return _refused(request, str(error), 401)
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        return _refused(request, f"not an MLflow webhook event: {error!r}", 400)
    if trigger is None:
        return "", 204
    delivery = request.headers["X-MLflow-Delivery-Id"]
    handle(Received(trigger, delivery, tracing.parse(None, cause=delivery)), HANDLERS, platform)
    return "", 200


def _refused(request: Request, reason: str, status: int) -> Answer:
    """Where the hook is open strangers try it too, of whom nobody need be told; a refused delivery is a lost one."""
    sender = "mlflow" if "X-MLflow-Delivery-Id" in request.headers else "a stranger"
    log.warning("refused a webhook: %s", reason, extra={"refused_webhook_of": sender})
    return reason, status
