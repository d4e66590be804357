from threading import Timer
from time import monotonic

import pytest

from services.inference.telling import spare_time
from services.inference.telling.spare_time import SELDOM, SpareTime


class _Place:
    """Where answering leaves time, or does not."""

    def __init__(self, busy: bool, crowded: bool) -> None:
        self.busy, self.crowded = busy, crowded
        self.spare = SpareTime(lambda: self.busy, lambda: self.crowded)


def test_there_is_time_for_everything_while_a_core_is_free() -> None:
    place = _Place(busy=False, crowded=True)
    assert all(place.spare.comes() for _ in range(100))
    assert place.spare.missed == 0


def test_while_no_core_is_free_it_comes_seldom_and_what_piles_up_is_counted() -> None:
    place, came, started = _Place(busy=True, crowded=True), 0, monotonic()
    assert place.spare.comes()
    asked = 1
    while came < 3:
        asked += 1
        came += place.spare.comes()
    assert monotonic() - started >= 3 * SELDOM
    assert place.spare.missed == asked - 4 > 0


def test_it_is_waited_for_while_little_has_piled_up() -> None:
    place = _Place(busy=True, crowded=False)
    assert [place.spare.comes() for _ in range(3)] == [True] * 3
    assert place.spare.missed == 0


def test_it_comes_as_soon_as_a_core_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spare_time, "SELDOM", 60)
    place = _Place(busy=True, crowded=False)
    assert place.spare.comes()
    freed = Timer(0.1, lambda: setattr(place, "busy", False))
    freed.start()
    assert place.spare.comes()
    assert not place.busy
    freed.join()
