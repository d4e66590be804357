"""google.pubsub.v1.Subscriber requests about subscriptions in; subscriptions on the broker out."""

from google.protobuf.empty_pb2 import Empty
from google.protobuf.field_mask_pb2 import FieldMask
from google.pubsub_v1 import types

from localcloud.grpcserver import Method
from localcloud.pubsub import clock
from localcloud.pubsub.broker import Broker
from localcloud.pubsub.names import check_name
from localcloud.pubsub.paging import page_of
from localcloud.pubsub.refusals import invalid, unimplemented

_MUTABLE = {
    *("push_config", "cloud_storage_config", "ack_deadline_seconds", "retain_acked_messages", "labels"),
    *("message_retention_duration", "expiration_policy", "dead_letter_policy", "retry_policy"),
    *("bigquery_config", "bigtable_config", "enable_exactly_once_delivery", "message_transforms", "tags"),
}
"""What the service lets an update change; what this server does not implement is refused by name later."""


class Subscriber:
    """The Subscriber service's administration on a broker."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def methods(self) -> dict[str, Method]:
        """This part of the service's table for the gRPC server."""
        return {
            "CreateSubscription": Method(self.create, types.Subscription, types.Subscription),
            "GetSubscription": Method(self.get, types.GetSubscriptionRequest, types.Subscription),
            "UpdateSubscription": Method(self.update, types.UpdateSubscriptionRequest, types.Subscription),
            "ListSubscriptions": Method(self.list, types.ListSubscriptionsRequest, types.ListSubscriptionsResponse),
            "DeleteSubscription": Method(self.delete, types.DeleteSubscriptionRequest, Empty),
            "ModifyPushConfig": Method(self.modify_push_config, types.ModifyPushConfigRequest, Empty),
            "Seek": Method(self.seek, types.SeekRequest, types.SeekResponse),
        }

    async def create(self, resource: types.Subscription) -> types.Subscription:
        """It receives what is published from now on."""
        check_name(resource.name, "subscriptions")
        check_name(resource.topic, "topics")
        return self._broker.add_subscription(resource)

    async def get(self, request: types.GetSubscriptionRequest) -> types.Subscription:
        """One subscription, with the values it runs with."""
        return self._broker.resource(request.subscription)

    async def update(self, request: types.UpdateSubscriptionRequest) -> types.Subscription:
        """Change the fields in the mask; the topic, the filter and ordering are for ever."""
        mask = types.UpdateSubscriptionRequest.pb(request).update_mask
        _check_mask(mask)
        updated = types.Subscription(self._broker.resource(request.subscription.name))
        source, target = types.Subscription.pb(request.subscription), types.Subscription.pb(updated)
        mask.MergeMessage(source, target, replace_message_field=True, replace_repeated_field=True)
        return await self._broker.replace_subscription(updated)

    async def list(self, request: types.ListSubscriptionsRequest) -> types.ListSubscriptionsResponse:
        """A page of a project's subscriptions, by name."""
        names = (name for name in self._broker.subscriptions if name.startswith(f"{request.project}/"))
        page, token = page_of(names, request.page_size, request.page_token)
        found = [self._broker.resource(name) for name in page]
        return types.ListSubscriptionsResponse(subscriptions=found, next_page_token=token)

    async def delete(self, request: types.DeleteSubscriptionRequest) -> Empty:
        """Its backlog goes with it."""
        await self._broker.remove_subscription(request.subscription)
        return Empty()

    async def modify_push_config(self, request: types.ModifyPushConfigRequest) -> Empty:
        """Push elsewhere, or, with an empty configuration, turn into a pull subscription."""
        updated = types.Subscription(self._broker.resource(request.subscription))
        updated.push_config = request.push_config
        await self._broker.replace_subscription(updated)
        return Empty()

    async def seek(self, request: types.SeekRequest) -> types.SeekResponse:
        """Forget what was published before a time; deliver retained messages from then on again."""
        subscription = self._broker.live(request.subscription)
        if "time" not in request:
            raise unimplemented("Seek to a snapshot")
        time = int(request.time.timestamp() * clock.SECOND)
        subscription.backlog.seek(subscription.id, time, retain=subscription.rules.retain_acked)
        subscription.bell.ring()
        return types.SeekResponse()


def _check_mask(mask: FieldMask) -> None:
    if not mask.paths:
        raise invalid("The update_mask is empty; name the fields to update.")
    for path in mask.paths:
        if path.split(".")[0] not in _MUTABLE:
            raise invalid(f"The field {path!r} of a subscription cannot be updated; there are {sorted(_MUTABLE)}.")
    if not mask.IsValidForDescriptor(types.Subscription.meta.pb.DESCRIPTOR):
        raise invalid(f"The update_mask {list(mask.paths)} names fields that a subscription does not have.")
