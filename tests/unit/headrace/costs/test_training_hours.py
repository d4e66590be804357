import pytest

from headrace.catalogue import Resources
from headrace.costs import prices
from headrace.costs.training import hour
from headrace.errors import Rejected
from tests.unit.headrace.costs import tiny


def test_an_hour_is_processors_memory_disk_and_address_of_every_node() -> None:
    listed = tiny.priced(e2_cpu=1, e2_gib=10, disk=730, address=1000)
    assert hour(Resources(cpus=2, memory_mib=4096, spot=False), listed) == pytest.approx(2 + 40 + 30 + 1000)
    assert hour(Resources(cpus=2, memory_mib=4096, spot=False, nodes=3), listed) == pytest.approx(3 * (2 + 40 + 30))


def test_spot_machines_have_prices_of_their_own() -> None:
    listed = tiny.priced(e2_cpu=3, e2_cpu_spot=1)
    assert (hour(Resources(cpus=2), listed), hour(Resources(cpus=2), listed, spot=False)) == (2, 6)


def test_gpus_are_paid_by_the_piece_on_machines_that_take_them() -> None:
    listed = tiny.priced(**{"nvidia-tesla-t4_spot": 100, "n1_cpu_spot": 1, "nvidia-l4_spot": 1000, "g2_cpu_spot": 1})
    assert hour(Resources(cpus=2, gpu="nvidia-tesla-t4", gpus=2), listed) == 202
    assert hour(Resources(cpus=2, gpu="nvidia-l4"), listed) == 1004  # G2 has four vCPUs at least
    assert hour(Resources(cpus=2, gpu="nvidia-l4", memory_mib=32768), listed) == 1008  # and 4 GiB with each


def test_an_unknown_gpu_is_a_sentence_with_the_way_out() -> None:
    with pytest.raises(Rejected, match=r"'nvidia-h900_spot'; look it up and add it, .* nvidia-l4, nvidia-tesla-t4$"):
        hour(Resources(gpu="nvidia-h900"), prices.load(tiny.ROOT))


def test_an_l4s_real_hour_is_that_of_the_machine_it_comes_with() -> None:
    # g2-standard-4 in Belgium was listed at 0.7783 and 0.2927 on Spot, without its disk and address.
    listed = prices.load(tiny.ROOT)
    without = listed.model_copy(
        update={
            "prices": {
                name: each.model_copy(update={"usd": 0}) if name.startswith(("disk", "address")) else each
                for name, each in listed.prices.items()
            }
        }
    )
    machine = Resources(cpus=4, memory_mib=16384, gpu="nvidia-l4")
    assert hour(machine, without, spot=False) == pytest.approx(0.7783, abs=1e-3)
    assert hour(machine, without, spot=True) == pytest.approx(0.2927, abs=1e-3)
