"""What a month is assumed to hold; every assumption that a figure rests on is here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """How much is asked of the platform, and how long that takes it.

    Every workload is retrained and asked alike. Predictions come in sittings, spread over the day from eight o'clock
    on, and a service sleeps between them.
    """

    name: str
    retrainings: int = 0
    """A month, of each workload: every candidate that arrives is trained and judged."""
    predictions: int = 0
    """A day, of all workloads together."""
    sittings: int = 0
    """A day."""
    sitting_minutes: float = 10
    looking_minutes: float = 0
    """A day, that somebody has the studio open."""
    data_gib: float = 5
    """In the data bucket."""
    kept_gib: float = 5
    """Models, MLflow's records, the audit trail, and what versioning and soft deletion keep of them."""
    writes: int = 0
    """Operations of class A: among them, each of MLflow's transactions writes SQLite's file anew."""
    reads: int = 0
    """Operations of class B."""
    logs_gib: float = 1
    alert_series: int = 5
    """What the query of an alert's condition returns, each time: about one for each service."""
    images_gib: float = 12
    """The images with earlier ones, whose layers are shared, what builds keep, and what functions are built to."""
    linger_minutes: float = 15
    """How long Cloud Run keeps an instance after its last request, at most; it may end it sooner."""
    wake_seconds: float = 30
    """What an inference service is billed for when it wakes: it starts, waits for MLflow, loads its model, and ends."""
    prediction_seconds: float = 0.25
    """What a prediction keeps an instance busy, with its upload. Cloud Run counts in tenths."""
    call_seconds: float = 2
    """What a function takes, or a request to a service that is billed by request, with starts."""
    judging_seconds: float = 60
    """What judging a version takes."""
    check_seconds: float = 120
    """What a job takes that asks MLflow, as the drift check does. Cloud Run bills a minute at least."""
    job_seconds: float = 60
    """What any other job takes."""
    training_share: float = 0.25
    """Of the minutes that a training may take at most, what it takes."""
    machine_minutes: float = 4
    """What Batch adds to a training: a machine starts, loads the image, and ends."""
    prediction_kib: float = 2
    """What is logged of a prediction."""


IDLE = Usage("idle")
"""Nothing is asked; only schedules come due."""
LIGHT = Usage(
    "light use", retrainings=4, predictions=1000, sittings=2, looking_minutes=20, writes=20_000, reads=200_000
)
