import pytest
import torch
from torch import nn
from torch.distributed import DistNetworkError

from headrace.learning import machine
from headrace.workload import Interrupted, World
from tests.unit.headrace.learning.learners import recipe

PAIR = World(nodes=2)


@pytest.mark.parametrize(
    "error", [RuntimeError("[gloo/transport/tcp/pair.cc] reset by peer"), DistNetworkError("gone")]
)
def test_a_lost_peer_is_nobodys_fault(error: RuntimeError) -> None:
    with pytest.raises(Interrupted, match="a peer was lost: "), machine.peers(PAIR):
        raise error


@pytest.mark.parametrize(("world", "words"), [(PAIR, "shapes differ"), (World(), "no gloo here")])
def test_any_other_failure_is_what_it_is(world: World, words: str) -> None:
    with pytest.raises(RuntimeError, match=words), machine.peers(world):
        raise RuntimeError(words)


def test_one_process_by_itself_keeps_its_networks_and_their_weights() -> None:
    fabric = machine.start(recipe(threads=1), World())
    network = nn.Linear(2, 3)
    ready = machine.set_up(fabric, recipe(), {"net": network})
    assert fabric.world_size == 1
    assert next(ready["net"].parameters()) is network.weight
    assert ready["net"](torch.ones(4, 2)).dtype == torch.float32


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_batches_are_fetched_from_pinned_memory_and_networks_take_what_lies_on_the_cpu() -> None:
    fabric = machine.start(recipe(), World())
    batch = machine.pinned(fabric, {"x": torch.ones(4, 2)})
    assert batch["x"].is_pinned()
    assert machine.moved(fabric, batch)["x"].device == fabric.device
    ready = machine.set_up(fabric, recipe(), {"net": nn.Linear(2, 3)})
    assert ready["net"](torch.ones(4, 2)).device == fabric.device
