"""Publish requests as JSON in; the ids of the messages, or the error that the service answers with, out."""

from google.pubsub_v1.types import PublishRequest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from localcloud.grpcserver import StatusError
from localcloud.jsonmessages import read, written
from localcloud.pubsub.publisher import Publisher
from localcloud.restserver import RestError


class PublisherApi:
    """The one method that is served over REST; the others are there over gRPC."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    def routes(self) -> list[Route]:
        """Where it is served."""
        return [Route("/v1/projects/{project:id}/topics/{topic:id}:publish", self.publish, methods=["POST"])]

    async def publish(self, request: Request) -> JSONResponse:
        """POST …:publish"""
        wanted = read(PublishRequest, await request.body())
        wanted.topic = "projects/{project}/topics/{topic}".format_map(request.path_params)
        try:
            return JSONResponse(written(await self._publisher.publish(wanted)))
        except StatusError as error:
            raise RestError(error.code.name, error.message) from None
