import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.learning.sampling import Sampler

SIZES = st.integers(4, 300)


@given(size=SIZES, batch=st.integers(1, 40), ranks=st.integers(1, 4), varied=st.booleans())
def test_an_epoch_has_every_example_once(size: int, batch: int, ranks: int, varied: bool) -> None:
    lengths = np.random.default_rng(0).integers(1, 50, size) if varied else None
    sampler = Sampler(size, batch, ranks, lengths=lengths)
    batches = sampler.epoch(1)
    assert len(batches) == sampler.batches
    assert sorted(np.concatenate(batches)) == list(range(size))
    assert max(len(rows) for rows in batches) <= batch * ranks


@given(size=SIZES, batch=st.integers(1, 40), ranks=st.integers(1, 4))
def test_ranks_have_equal_shares_that_are_the_whole_batch_together(size: int, batch: int, ranks: int) -> None:
    sampler = Sampler(size, batch, ranks)
    for rows in sampler.epoch(0):
        shares = [sampler.share(rows, rank) for rank in range(ranks)]
        assert {len(share) for share in shares} == {-(-len(rows) // ranks)}
        assert set(np.concatenate(shares)) == set(rows)


@given(size=SIZES, batch=st.integers(1, 40), ranks=st.integers(1, 4), accumulate=st.integers(1, 9))
def test_parts_join_to_the_share_of_their_rank(size: int, batch: int, ranks: int, accumulate: int) -> None:
    sampler = Sampler(size, batch, ranks)
    rank = ranks - 1
    parts = list(sampler.parts(2, 0, rank, accumulate))
    for number, rows in enumerate(sampler.epoch(2)):
        mine = [part for part in parts if part.batch == number]
        assert np.concatenate([part.rows for part in mine]).tolist() == sampler.share(rows, rank).tolist()
        assert sum(part.share for part in mine) == pytest.approx(1)
        assert [part.last for part in mine] == [False] * (len(mine) - 1) + [True]
        assert len(mine) <= accumulate
        assert all(len(part.rows) for part in mine)


def test_epochs_and_seeds_shuffle_differently_and_always_the_same() -> None:
    first = np.concatenate(Sampler(50, 8).epoch(0)).tolist()
    assert first == np.concatenate(Sampler(50, 8).epoch(0)).tolist()
    assert first != np.concatenate(Sampler(50, 8).epoch(1)).tolist()
    assert first != np.concatenate(Sampler(50, 8, seed=1).epoch(0)).tolist()


def test_an_epoch_can_be_taken_up_anywhere() -> None:
    whole = [part.rows.tolist() for part in Sampler(50, 8).parts(3, 0, 0, 1)]
    rest = [part.rows.tolist() for part in Sampler(50, 8).parts(3, 4, 0, 1)]
    assert rest == whole[4:]


def test_batches_by_length_hardly_need_padding() -> None:
    lengths = np.random.default_rng(0).integers(1, 200, 3000)
    plain, sorted_ = Sampler(3000, 32).epoch(0), Sampler(3000, 32, lengths=lengths).epoch(0)
    padding = [sum(int((lengths[rows].max() - lengths[rows]).sum()) for rows in each) for each in (plain, sorted_)]
    assert padding[1] < padding[0] / 10


def test_more_processes_than_examples_are_refused() -> None:
    with pytest.raises(ValueError, match="3 examples cannot be shared by 4 processes"):
        Sampler(3, 1, ranks=4)
