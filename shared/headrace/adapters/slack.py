"""Messages to people, in the log and on a Slack-compatible webhook."""

import logging

import requests

from headrace.errors import Unavailable

log = logging.getLogger("headrace.people")

TIMEOUT_SECONDS = 10


class Slack:
    """Posts to `url`; without one, people read the log."""

    def __init__(self, url: str) -> None:
        self._url = url

    def tell(self, text: str, event: str) -> None:
        """Return when the message is out; `event` is the id of the fact it is about."""
        log.info(text, extra={"notification": event})
        if self._url:
            try:
                answer = requests.post(self._url, json={"text": text, "event_id": event}, timeout=TIMEOUT_SECONDS)
                answer.raise_for_status()
            except requests.RequestException as error:
                raise Unavailable(f"the webhook for people did not take a message: {error}") from error
