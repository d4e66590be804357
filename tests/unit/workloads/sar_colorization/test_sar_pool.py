import torch

from workloads.sar_colorization.pool import ImagePool


def numbered(*numbers: int) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float32).view(-1, 1, 1, 1)


def test_a_pool_that_is_not_full_gives_back_what_was_made() -> None:
    pool = ImagePool(3)
    assert torch.equal(pool.mixed(numbered(1, 2)), numbered(1, 2))
    assert torch.equal(pool.mixed(numbered(3)), numbered(3))


def test_a_full_pool_gives_back_about_half_of_earlier_images_each_once() -> None:
    torch.manual_seed(0)
    pool = ImagePool(50)
    seen = torch.cat([pool.mixed(numbered(number)) for number in range(1050)]).flatten()[50:]
    older = seen != torch.arange(50, 1050)
    assert 0.4 < older.float().mean() < 0.6
    assert (seen[older] < torch.arange(50, 1050)[older]).all()
    kept = torch.stack(pool.images).flatten()
    assert len(torch.unique(torch.cat([seen[older], kept]))) == older.sum() + 50


def test_a_pool_of_nothing_gives_back_what_was_made() -> None:
    pool = ImagePool(0)
    assert torch.equal(pool.mixed(numbered(*range(20))), numbered(*range(20)))


def test_no_gradient_passes_through_the_pool() -> None:
    made = numbered(1, 2).requires_grad_()
    assert not ImagePool(5).mixed(made * 2).requires_grad
