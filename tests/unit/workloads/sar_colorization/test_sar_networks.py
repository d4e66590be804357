import pytest
import torch

from workloads.sar_colorization.networks import Colouring, Discriminator, Generator, signed


def test_the_generator_in_full_size_is_the_u_net_of_54_million_weights() -> None:
    with torch.device("meta"):
        weights = sum(weight.numel() for weight in Generator(3, 64, 8).parameters())
    assert 54.3e6 < weights < 54.5e6


@pytest.mark.parametrize(("depth", "side"), [(2, 32), (5, 128), (5, 256), (8, 256)])
def test_a_generator_gives_an_image_of_the_same_size_between_black_and_white(depth: int, side: int) -> None:
    with torch.no_grad():
        made = Generator(3, 2, depth)(torch.randn(2, 1, side, side))
    assert made.shape == (2, 3, side, side)
    assert made.abs().max() <= 1


def test_a_generator_takes_radar_as_three_equal_channels() -> None:
    generator, sar = Generator(1, 2, 4), torch.randn(1, 1, 32, 32)
    assert torch.equal(generator(sar), generator(sar.repeat(1, 3, 1, 1)))
    assert generator(sar).shape == (1, 1, 32, 32)


def test_images_of_a_batch_do_not_influence_each_other() -> None:
    generator, images = Generator(3, 4, 4), torch.randn(3, 1, 32, 32)
    together, alone = generator(images), torch.cat([generator(image[None]) for image in images])
    assert torch.allclose(together, alone, atol=1e-5)


def test_a_discriminator_judges_patches_of_70_pixels() -> None:
    torch.manual_seed(0)
    image = torch.randn(1, 3, 256, 256, requires_grad=True)
    layers = [layer for layer in Discriminator(3, 4).layers if not isinstance(layer, torch.nn.InstanceNorm2d)]
    verdicts = torch.nn.Sequential(*layers)(image)  # statistics alone reach across the whole image
    assert verdicts.shape == (1, 1, 30, 30)
    verdicts[0, 0, 15, 15].backward()
    assert image.grad is not None
    rows, columns = image.grad[0].abs().sum(0).nonzero().T
    assert (int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1) == (70, 70)


def test_the_exported_network_takes_bytes_and_gives_shares_of_white() -> None:
    generator = Generator(3, 2, 4)
    sar = torch.randint(0, 256, (2, 32, 32), dtype=torch.uint8)
    colours = Colouring(generator)(sar)
    assert colours.shape == (2, 3, 32, 32)
    assert 0 <= colours.min() <= colours.max() <= 1
    assert torch.allclose(colours * 2 - 1, generator(signed(sar[:, None])), atol=1e-6)
