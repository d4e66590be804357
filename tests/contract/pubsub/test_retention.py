"""Messages past their retention are dropped, and what waited for them is not."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from localcloud.pubsub.backlog import Backlog
from localcloud.pubsub.database import open_pubsub
from localcloud.pubsub.message import Draft

SUBSCRIPTION = 1


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_pubsub(tmp_path)) as db:
        yield db


def test_a_message_past_its_retention_is_dropped_with_its_data(db: sqlite3.Connection) -> None:
    backlog = Backlog(db)
    old, new = (backlog.store(Draft(data, {}, "")) for data in (b"old", b"new"))
    for message in (old, new):
        backlog.enqueue(SUBSCRIPTION, message.id, "")
    assert backlog.expire(SUBSCRIPTION, new.id)
    assert [due.message.data for due in backlog.due(SUBSCRIPTION, 10, 1000)] == [b"new"]
    assert db.execute("SELECT count(*) FROM messages").fetchone() == (1,)


def test_an_expired_message_unblocks_its_ordering_key(db: sqlite3.Connection) -> None:
    backlog = Backlog(db)
    first, second, third = (backlog.store(Draft(data, {}, "key")) for data in (b"1", b"2", b"3"))
    for message in (first, second, third):
        backlog.enqueue(SUBSCRIPTION, message.id, "key")
    assert [due.message.id for due in backlog.due(SUBSCRIPTION, 10, 1000)] == [first.id]
    backlog.expire(SUBSCRIPTION, second.id)
    assert [due.message.id for due in backlog.due(SUBSCRIPTION, 10, 1000)] == [second.id]


def test_nothing_expires_within_the_retention(db: sqlite3.Connection) -> None:
    backlog = Backlog(db)
    message = backlog.store(Draft(b"data", {}, ""))
    backlog.enqueue(SUBSCRIPTION, message.id, "")
    assert not backlog.expire(SUBSCRIPTION, message.id)
