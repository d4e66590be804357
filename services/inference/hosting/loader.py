"""A version in; its model, downloaded, loaded and warm, out, or the reason why it never will be."""

from headrace.errors import HeadraceError, NotFound
from headrace.ports import Version
from services.inference.hosting import models
from services.inference.hosting.cache import Cache
from services.inference.hosting.models import Served, Workload
from services.inference.needs import Platform


class Unservable(HeadraceError):
    """The version has no artifacts, or they make no model that answers; the cause is chained."""


def load(cache: Cache, platform: Platform, workload: Workload, version: Version, alias: str) -> Served:
    """The model of a version. Raises Unservable, or what keeps the registry from delivering it."""
    try:
        folder = cache.fetch(platform.registry, version)
    except NotFound as error:
        raise Unservable(str(error)) from error
    try:
        return models.load(workload, version, folder, platform.clock.now(), alias)
    except Exception as error:
        cache.discard(version)
        raise Unservable(f"{type(error).__name__}: {error}") from error
