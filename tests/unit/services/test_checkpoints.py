from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from headrace.errors import Unavailable
from services.trainer.checkpoints import Checkpoints
from tests.fakes import FakePlatform

TRAINING = "loan-default-xgboost-0123456789ab"


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def checkpoints(platform: FakePlatform, tmp_path: Path) -> Iterator[Checkpoints]:
    opened = attempt(platform, tmp_path)
    yield opened
    opened.close()


def attempt(platform: FakePlatform, folder: Path) -> Checkpoints:
    """Another machine that works on the same training."""
    return Checkpoints(platform.store, TRAINING, folder)


def save(checkpoints: Checkpoints, folder: Path, step: int) -> None:
    state = folder / f"state-{step}"
    state.mkdir()
    (state / "weights").write_text(f"weights of step {step}")
    checkpoints.save(state, step)
    checkpoints.wait()


def restored(checkpoints: Checkpoints) -> str | None:
    folder = checkpoints.restore()
    return (folder / "weights").read_text() if folder else None


def test_a_training_that_never_saved_begins_at_the_beginning(checkpoints: Checkpoints) -> None:
    assert checkpoints.restore() is None


def test_the_next_attempt_goes_on_from_the_newest(
    checkpoints: Checkpoints, platform: FakePlatform, tmp_path: Path
) -> None:
    for step in (10, 20, 30):
        save(checkpoints, tmp_path, step)
    other = attempt(platform, tmp_path)
    assert restored(other) == "weights of step 30"
    save(other, tmp_path, 40)
    assert restored(attempt(platform, tmp_path)) == "weights of step 40"
    other.close()


def test_no_more_than_two_are_kept(checkpoints: Checkpoints, platform: FakePlatform, tmp_path: Path) -> None:
    for step in range(1, 6):
        save(checkpoints, tmp_path, step)
    assert [stat.metadata["step"] for stat in platform.store.list("checkpoints/")] == ["5", "4"]


@pytest.mark.parametrize(
    "damage", [lambda whole: whole[:-30], lambda whole: whole.replace(b"step 20", b"step 21")], ids=["cut", "changed"]
)
def test_one_that_is_damaged_is_passed_over_for_the_one_before(
    checkpoints: Checkpoints, platform: FakePlatform, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    save(checkpoints, tmp_path, 10)
    save(checkpoints, tmp_path, 20)
    newest = max(platform.store.list("checkpoints/"), key=lambda stat: int(stat.metadata["step"]))
    damaged = tmp_path / "damaged"
    damaged.write_bytes(damage(platform.store.read(newest.name)))
    platform.store.upload(newest.name, damaged, {"step": "20"})
    other = attempt(platform, tmp_path)
    assert restored(other) == "weights of step 10"
    save(other, tmp_path, 15)
    assert [stat.metadata["step"] for stat in platform.store.list("checkpoints/")] == ["10", "15"]
    other.close()


def test_a_store_that_is_down_costs_a_checkpoint_and_not_the_training(
    checkpoints: Checkpoints, platform: FakePlatform, tmp_path: Path
) -> None:
    save(checkpoints, tmp_path, 10)
    platform.store.before = _down
    save(checkpoints, tmp_path, 20)
    platform.store.before = lambda _method, _name: None
    assert restored(checkpoints) == "weights of step 10"


def test_another_training_has_checkpoints_of_its_own(
    checkpoints: Checkpoints, platform: FakePlatform, tmp_path: Path
) -> None:
    save(checkpoints, tmp_path, 10)
    assert Checkpoints(platform.store, "another", tmp_path).restore() is None


def _down(method: str, name: str) -> None:
    raise Unavailable(f"Cloud Storage failed on {method} {name}")
