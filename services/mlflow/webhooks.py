"""The registry hook's address in; MLflow's webhooks, present and up to date, out."""

import logging
import time

from mlflow import MlflowClient
from mlflow.entities.webhook import WebhookAction, WebhookEntity, WebhookEvent
from requests import RequestException, get

log = logging.getLogger("headrace.mlflow")

NAME = "headrace-registry-hook"
EVENTS = [
    WebhookEvent(WebhookEntity.MODEL_VERSION, WebhookAction.CREATED),
    WebhookEvent(WebhookEntity.MODEL_VERSION_ALIAS, WebhookAction.CREATED),
    WebhookEvent(WebhookEntity.MODEL_VERSION_ALIAS, WebhookAction.DELETED),
]
POLL_SECONDS = 0.1


def register(server: str, hook: str, secret: str) -> None:
    """Wait for `server`, then make it call `hook` for every new version and every alias that is set or removed."""
    _wait_for(server)
    client = MlflowClient(tracking_uri=server, registry_uri=server)
    known = {webhook.name: webhook for webhook in client.list_webhooks()}
    if NAME in known:
        client.update_webhook(known[NAME].webhook_id, url=hook, events=EVENTS, secret=secret)
    else:
        client.create_webhook(NAME, hook, EVENTS, secret=secret)
    log.info("webhook %s calls %s", NAME, hook)


def _wait_for(server: str) -> None:
    while not _healthy(server):
        time.sleep(POLL_SECONDS)


def _healthy(server: str) -> bool:
    try:
        return get(f"{server}/health", timeout=5).ok
    except RequestException:
        return False
