"""The registry hook's address in; MLflow's webhooks, present and up to date, out."""

import logging
import time

from mlflow import MlflowClient
from mlflow.entities.webhook import WebhookAction, WebhookEntity, WebhookEvent
from mlflow.exceptions import MlflowException
from requests import RequestException, get

log = logging.getLogger("headrace.mlflow")

NAME = "headrace-registry-hook"
EVENTS = [
    WebhookEvent(WebhookEntity.MODEL_VERSION, WebhookAction.CREATED),
    WebhookEvent(WebhookEntity.MODEL_VERSION_ALIAS, WebhookAction.CREATED),
    WebhookEvent(WebhookEntity.MODEL_VERSION_ALIAS, WebhookAction.DELETED),
]
POLL_SECONDS = 0.1
REST_SECONDS = (1.0, 60.0)
"""Before the second try, and before each of them at most."""


def register(server: str, hook: str, secret: str) -> None:
    """Wait for `server`, then make it call `hook` for every new version and every alias that is set or removed.

    MLflow refuses a hook whose name it cannot resolve at the moment, so this tries until it has succeeded.
    """
    _wait_for(server)
    client = MlflowClient(tracking_uri=server, registry_uri=server)
    rest, longest = REST_SECONDS
    while True:
        try:
            _register(client, hook, secret)
        except (MlflowException, RequestException) as error:
            log.error("webhook %s is not registered, which is tried again in %g s: %s", NAME, rest, error)
        else:
            break
        time.sleep(rest)
        rest = min(2 * rest, longest)
    log.info("webhook %s calls %s", NAME, hook)


def _register(client: MlflowClient, hook: str, secret: str) -> None:
    known = {webhook.name: webhook for webhook in client.list_webhooks()}
    if NAME in known:
        client.update_webhook(known[NAME].webhook_id, url=hook, events=EVENTS, secret=secret)
    else:
        client.create_webhook(NAME, hook, EVENTS, secret=secret)


def _wait_for(server: str) -> None:
    while not _healthy(server):
        time.sleep(POLL_SECONDS)


def _healthy(server: str) -> bool:
    try:
        return get(f"{server}/health", timeout=5).ok
    except RequestException:
        return False
