"""The dead-letter subscription in; how many messages nobody could handle out."""

from google.api_core.exceptions import DeadlineExceeded, GoogleAPICallError, NotFound

from headrace.adapters.subscriber import subscriber
from headrace.errors import Unavailable

SUBSCRIPTION = "dead-letters"
MOST = 100
PATIENCE_SECONDS = 1.0


def count(project: str, endpoint: str = "") -> int:
    """How many wait, up to a hundred; they stay where they are."""
    client = subscriber(endpoint)
    name = f"projects/{project}/subscriptions/{SUBSCRIPTION}"
    try:
        answer = client.pull(subscription=name, max_messages=MOST, timeout=PATIENCE_SECONDS, retry=None)
    except (DeadlineExceeded, NotFound):
        return 0
    except GoogleAPICallError as error:
        raise Unavailable(f"{name} cannot be read: {error}") from error
    ids = [message.ack_id for message in answer.received_messages]
    if ids:
        client.modify_ack_deadline(subscription=name, ack_ids=ids, ack_deadline_seconds=0)
    return len(ids)
