"""One running platform for all tests that can share it, and a way to a fresh one."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.flow.loop import Loop, turning
from tests.flow.outcome import assert_nothing_was_told_twice, assert_one_champion
from tests.flow.processes import mentioning
from tests.flow.waiting import eventually
from tests.flow.witness import Seen, witnessing


@pytest.fixture(scope="package")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where everything of these tests lies, temporary files of killed processes too; nothing runs on it afterwards."""
    folder = tmp_path_factory.mktemp("flow")
    temporary = folder / "tmp"
    temporary.mkdir()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TMPDIR", str(temporary))
        environment.setattr(tempfile, "tempdir", None)
        yield folder
    eventually(lambda: not mentioning(str(folder)), "no process left of the flow tests", within=10)


@pytest.fixture(scope="package")
def shared(ground: Path) -> Iterator[Loop]:
    """The platform that tests share: each brings data of its own. In the end nothing was told twice in all."""
    folder = ground / "shared"
    folder.mkdir()
    with turning(folder) as loop:
        yield loop
        if loop.ledger():
            assert_one_champion(loop)
        assert_nothing_was_told_twice(loop)
        assert loop.dead_letters() == 0, "there are dead letters"


@pytest.fixture(scope="package")
def seen(shared: Loop) -> Iterator[list[Seen]]:
    """What goes over the shared platform's bus, from the first test that asks on."""
    messages: list[Seen] = []
    with witnessing(shared.stack, messages.append):
        yield messages


@pytest.fixture(scope="package")
def first_turn(shared: Loop, seen: list[Seen]) -> str:
    """A dataset version that was dropped on the shared platform when it was new, and is settled."""
    return shared.turn()


@pytest.fixture
def fresh(ground: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Loop]]:
    """Starts platforms of the test's own."""
    with ExitStack() as opened:

        def start(**options: object) -> Loop:
            folder = Path(tempfile.mkdtemp(prefix=request.node.originalname, dir=ground))
            return opened.enter_context(turning(folder, **options))  # type: ignore[arg-type]

        yield start
