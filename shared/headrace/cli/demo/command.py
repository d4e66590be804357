"""The demo from start to end: a stack of its own, the loop turned twice, the story and the times."""

import tempfile
from pathlib import Path

from headrace.cli.demo.caller import Caller
from headrace.cli.demo.loop import WORKLOAD, Loop, instances
from headrace.cli.demo.screen import Screen
from headrace.cli.session import command, console
from headrace.cli.trace import story
from headrace.wiring import GoogleCloud

SCHEDULES = {"drift": "*/5 * * * * *", "reconcile": "*/15 * * * * *"}


@command
def demo() -> None:
    """Run the whole loop on shipped data, in a stack of its own that leaves nothing behind."""
    from headrace.adapters.follow import follow
    from localcloud.stack.stack import running

    with tempfile.TemporaryDirectory(prefix="headrace-demo-") as state, Screen(console) as screen:
        screen.step("the platform starts")
        with running(Path(state), lambda name: screen.say(f"{name} is up"), SCHEDULES) as stack:
            where, screen.studio = stack.settings(), stack.url("studio")
            screen.say(f"[bold]look at all of it, for as long as the demo runs:[/] {screen.studio}")
            platform = GoogleCloud(where)
            with follow(where.project, where.pubsub_endpoint, WORKLOAD) as followed:
                _turn_twice(
                    Loop(platform, followed, screen), f"{where.inference_url}/models/{WORKLOAD}/predict", screen
                )
            champion = platform.registry.alias(WORKLOAD, "champion")
            told = story(platform, champion) if champion else None
    console.print(told, screen.times())


def _turn_twice(loop: Loop, url: str, screen: Screen) -> None:
    loop.first_turn()
    loop.first_answer()
    with Caller(url, instances(200)) as caller:
        screen.client = lambda: _seen(caller)
        loop.drifted_month()
        version = loop.second_turn()
        loop.served_by(version, caller)
    screen.say(f"[bold]the client that kept calling:[/] {_seen(caller)}")
    if caller.failures:
        screen.say(f"[red]the first failure: {caller.failures[0]}[/]")


def _seen(caller: Caller) -> str:
    answered = ", ".join(f"{count} answers from version {version}" for version, count in caller.answered.items())
    return f"{answered or 'no answer yet'}, {len(caller.failures)} failed requests"
