"""A plan in; what each part of it costs in a month out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from headrace.catalogue import Resources
from headrace.costs import running, timeline, training, waking
from headrace.costs.billing import Line
from headrace.costs.plan import Plan

CUSTOM = re.compile(r"db-custom-(\d+)-(\d+)")
MADE_SECRETS = 2
SQL_SECRETS = 2
BACKUPS = 1
"""Seven daily backups and the log share what did not change: about the size of the disk, once."""
CONDITIONS = 12
"""Of infra/alerts.tf, which looks at each once a minute."""
TRAINING = "training on Batch"
NAT_GIB = 1
"""What a training fetches past Google's own network, if its nodes have no address."""


@dataclass(frozen=True, slots=True)
class Month:
    """The lines, and what Google gives on Cloud Run's."""

    lines: tuple[Line, ...]
    free: Line

    @property
    def total(self) -> float:
        """Dollars."""
        return sum(line.usd for line in (*self.lines, self.free))


def month(plan: Plan) -> Month:
    """Every part, also those that cost nothing. Raises Rejected for what has no price."""
    lines = (
        *running.lines(plan),
        *_trainings(plan),
        _messages(plan),
        *_kept_and_watched(plan),
        *_database(plan),
        *_network(plan),
    )
    return Month(lines, running.free(lines, plan.prices))


def total(plan: Plan) -> float:
    """Dollars a month."""
    return month(plan).total


def _trainings(plan: Plan) -> Iterator[Line]:
    found = 0.0
    for workload in plan.workloads:
        for resources in plan.trainings(workload):
            hours = waking.minutes(plan, resources.max_minutes) / 60 * plan.usage.retrainings
            found += hours * training.hour(resources, plan.prices)
    count = sum(len(plan.trainings(each)) for each in plan.workloads) * plan.usage.retrainings
    yield Line(TRAINING, found, f"{count} trainings")


def _messages(plan: Plan) -> Line:
    """Published once, delivered where somebody listens, and written to the audit bucket."""
    gib = plan.usage.predictions * timeline.MINUTES / timeline.DAY * plan.usage.prediction_kib / 1024**2
    tib = gib / 1024
    usd = plan.prices.paid("pubsub_throughput", tib) + plan.prices.paid("pubsub_export", tib)
    return Line("Pub/Sub", usd, f"{gib:.2f} GiB")


def _kept_and_watched(plan: Plan) -> Iterator[Line]:
    paid, usage = plan.prices.paid, plan.usage
    operations = paid("storage_class_a", usage.writes / 1000) + paid("storage_class_b", usage.reads / 1000)
    gib = usage.data_gib + usage.kept_gib
    secrets = MADE_SECRETS + len(plan.environment.secrets)
    secrets += SQL_SECRETS if plan.environment.mlflow_backend == "cloudsql" else 0
    schedules = sum(1 for name in plan.topology.deployables if plan.schedule(name))
    yield Line("Cloud Storage", paid("storage_standard", gib) + operations, f"{gib:g} GiB")
    yield Line("Artifact Registry", paid("registry_storage", usage.images_gib), f"{usage.images_gib:g} GiB")
    yield Line("Secret Manager", paid("secret_version", secrets), f"{secrets} secrets")
    yield Line("Cloud Scheduler", paid("scheduler_job", schedules), f"{schedules} schedules")
    yield Line("Cloud Logging", paid("logs", usage.logs_gib), f"{usage.logs_gib:g} GiB")
    returned = CONDITIONS * timeline.MINUTES * usage.alert_series / 1e6
    alerts = paid("alert_condition", CONDITIONS) + paid("alert_series", returned)
    yield Line("alerts", alerts, f"{CONDITIONS} conditions")


def _database(plan: Plan) -> Iterator[Line]:
    if plan.environment.mlflow_backend != "cloudsql":
        return
    price, database = plan.prices.of, plan.environment.database
    machine = _machine(plan, database.tier) * timeline.HOURS
    disk = database.disk_gib * price("sql_disk")
    copies = 2 if database.available == "REGIONAL" else 1
    backups = BACKUPS * database.disk_gib * price("sql_backup")
    yield Line("Cloud SQL", copies * (machine + disk) + backups, f"{database.tier}, {database.disk_gib:g} GiB")


def _machine(plan: Plan, tier: str) -> float:
    """Dollars an hour of a tier such as db-custom-1-3840 or db-f1-micro."""
    custom = CUSTOM.fullmatch(tier)
    if custom is None:
        return plan.prices.of(f"sql_{tier}")
    cpus, mib = map(int, custom.groups())
    return cpus * plan.prices.of("sql_cpu") + mib / 1024 * plan.prices.of("sql_gib")


def _network(plan: Plan) -> Iterator[Line]:
    """The gateway's address is counted for the whole month, though Google takes it back while no machine uses it."""
    if not plan.environment.internet:
        return
    price, usage = plan.prices.of, plan.usage
    private = [each for workload in plan.workloads for each in plan.trainings(workload) if _is_private(plan, each)]
    hours = sum(each.nodes * waking.minutes(plan, each.max_minutes) / 60 for each in private) * usage.retrainings
    fetched = NAT_GIB * len(private) * usage.retrainings
    usd = timeline.HOURS * price("nat_address") + hours * price("nat_vm") + fetched * price("nat_gib")
    yield Line("Cloud NAT", usd, "an address, and what passes through it")


def _is_private(plan: Plan, resources: Resources) -> bool:
    """Whether its nodes have no address of their own: they meet, or the database that they ask has none."""
    return resources.nodes > 1 or plan.environment.mlflow_backend == "cloudsql"
