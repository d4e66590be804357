"""Resource names in; their checked parts out."""

import re

from localcloud.pubsub.refusals import invalid

DELETED_TOPIC = "_deleted-topic_"
"""What a subscription shows as its topic once that is deleted."""

_ID = re.compile(r"(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}")


def check_name(name: str, collection: str) -> None:
    """Raise INVALID_ARGUMENT unless `name` is `projects/PROJECT/{collection}/ID` with an ID that Pub/Sub allows."""
    match name.split("/"):
        case ["projects", project, kind, resource_id] if project and kind == collection and _ID.fullmatch(resource_id):
            return
    raise invalid(
        f"Invalid resource name given (name={name}): expected projects/PROJECT/{collection}/ID, where ID starts "
        "with a letter, has 3 to 255 of letters, digits and -._~+%, and does not start with goog."
    )


def project_of(name: str) -> str:
    """The project id in a resource name."""
    return name.split("/")[1]


def id_of(name: str) -> str:
    """The last part of a resource name."""
    return name.rsplit("/", 1)[-1]
