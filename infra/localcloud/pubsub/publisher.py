"""google.pubsub.v1.Publisher requests in; topics, and messages in the backlog, out."""

from google.protobuf.empty_pb2 import Empty
from google.pubsub_v1 import types

from localcloud.grpcserver import Method
from localcloud.pubsub.broker import Broker
from localcloud.pubsub.paging import page_of
from localcloud.pubsub.publishing import checked_drafts
from localcloud.pubsub.refusals import already_exists, invalid
from localcloud.pubsub.topics import checked_topic


class Publisher:
    """The Publisher service on a broker."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def methods(self) -> dict[str, Method]:
        """The service's table for the gRPC server."""
        return {
            "CreateTopic": Method(self.create, types.Topic, types.Topic),
            "UpdateTopic": Method(self.update, types.UpdateTopicRequest, types.Topic),
            "GetTopic": Method(self.get, types.GetTopicRequest, types.Topic),
            "ListTopics": Method(self.list, types.ListTopicsRequest, types.ListTopicsResponse),
            "DeleteTopic": Method(self.delete, types.DeleteTopicRequest, Empty),
            "Publish": Method(self.publish, types.PublishRequest, types.PublishResponse),
            "ListTopicSubscriptions": Method(
                self.subscriptions, types.ListTopicSubscriptionsRequest, types.ListTopicSubscriptionsResponse
            ),
        }

    async def create(self, topic: types.Topic) -> types.Topic:
        """ALREADY_EXISTS when the name is taken."""
        checked = checked_topic(topic)
        if topic.name in self._broker.topics:
            raise already_exists(topic.name)
        return self._broker.put_topic(checked)

    async def update(self, request: types.UpdateTopicRequest) -> types.Topic:
        """Only labels can change."""
        self._broker.topic(request.topic.name)
        if list(request.update_mask.paths) != ["labels"]:
            raise invalid(f"Topics can only have their labels updated, not {list(request.update_mask.paths)}.")
        return self._broker.put_topic(checked_topic(request.topic))

    async def get(self, request: types.GetTopicRequest) -> types.Topic:
        """One topic."""
        return self._broker.topic(request.topic)

    async def list(self, request: types.ListTopicsRequest) -> types.ListTopicsResponse:
        """A page of a project's topics, by name."""
        names = (name for name in self._broker.topics if name.startswith(f"{request.project}/"))
        page, token = page_of(names, request.page_size, request.page_token)
        return types.ListTopicsResponse(topics=[self._broker.topic(name) for name in page], next_page_token=token)

    async def delete(self, request: types.DeleteTopicRequest) -> Empty:
        """Its subscriptions stay and keep their backlog."""
        self._broker.remove_topic(request.topic)
        return Empty()

    async def publish(self, request: types.PublishRequest) -> types.PublishResponse:
        """Answered once the messages are on disk."""
        self._broker.topic(request.topic)
        ids = self._broker.publish(request.topic, checked_drafts(request))
        return types.PublishResponse(message_ids=[str(number) for number in ids])

    async def subscriptions(self, request: types.ListTopicSubscriptionsRequest) -> types.ListTopicSubscriptionsResponse:
        """A page of the names of a topic's subscriptions."""
        self._broker.topic(request.topic)
        names = (name for name, one in self._broker.subscriptions.items() if one.topic == request.topic)
        page, token = page_of(names, request.page_size, request.page_token)
        return types.ListTopicSubscriptionsResponse(subscriptions=page, next_page_token=token)
