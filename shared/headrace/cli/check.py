"""`headrace check`: look for drift now instead of when it is due."""

from headrace.cli.session import HERE, State, command, connect, console

JOB = "drift"


@command
def check(state: State = HERE) -> None:
    """Start the drift check of every workload; `headrace status` shows what it found."""
    from headrace.adapters.run import CloudRun

    CloudRun(connect(state).settings).run(JOB)
    console.print("the drift check is under way; `headrace status` shows what it found")
