"""The Terraform root in; its plan, the plan as a comment on a pull request, and what it made out."""

from headrace.delivery import functions, terraform
from headrace.delivery.work import Delivery

LONGEST_COMMENT = 60_000
"""GitHub takes 65,536 characters."""


def plan(delivery: Delivery) -> None:
    """What would change, kept for `apply`."""
    root = terraform.main(delivery)
    root.init()
    root.plan(f"-lock-timeout={terraform.LOCK_TIMEOUT}")


def apply(delivery: Delivery) -> None:
    """Do what was planned. New revisions start and get no request; functions and jobs are replaced."""
    terraform.main(delivery).apply()


def preview(delivery: Delivery) -> None:
    """What would change, for a pull request: it reads the state and nothing else, and changes nothing."""
    functions.bundle(delivery)
    root = terraform.main(delivery)
    root.init()
    root.plan("-lock=false", "-refresh=false")
    shown = root.shown()
    if len(shown) > LONGEST_COMMENT:
        shown = f"{shown[:LONGEST_COMMENT]}\n… and more: the job's log has all of it"
    file = delivery.target.build / "plan.md"
    file.write_text(f"Plan for `{delivery.target.environment}`\n\n```\n{shown}\n```\n")
    delivery.say(f"the plan is in {file}")
