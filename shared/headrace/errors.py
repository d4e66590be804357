"""Every error that the platform raises on purpose, and what the runtime does about it."""


class HeadraceError(Exception):
    """The base of all others; never raised itself."""


class Rejected(HeadraceError):
    """This message can never succeed: log it, acknowledge it, keep the reason."""


class BadData(Rejected):
    """A dataset cannot be used; the message says what is wrong with it and what to do."""


class Interrupted(HeadraceError):
    """The machine is being taken away; what was done so far is saved, and the work goes on elsewhere."""


class Pruned(HeadraceError):
    """A search gave up this trial: others do better at the same step."""


class Busy(HeadraceError):
    """Somebody else is at it: deliver again later."""


class WorkloadFailed(HeadraceError):
    """A workload's own code raised; the cause is chained."""


class Unavailable(HeadraceError):
    """A service that we need did not answer, or answered that it cannot; the cause is chained."""


class NotFound(HeadraceError):
    """The object, version or job asked for does not exist."""


class Exists(HeadraceError):
    """What was to be created is there already."""


class Unauthorized(HeadraceError):
    """The caller did not prove who it is."""
