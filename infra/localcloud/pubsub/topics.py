"""A Topic resource in; the same, checked, out."""

from google.pubsub_v1.types import Topic

from localcloud.pubsub.names import check_name
from localcloud.pubsub.refusals import refuse_other_fields


def checked_topic(topic: Topic) -> Topic:
    """A topic with a valid name, labels and nothing that would change what is delivered."""
    check_name(topic.name, "topics")
    refuse_other_fields(topic, ("name", "labels", "state"), "Topic")
    return Topic(name=topic.name, labels=topic.labels, state=Topic.State.ACTIVE)
