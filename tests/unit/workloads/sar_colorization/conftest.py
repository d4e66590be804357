import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Networks as small as these wait for each other's threads longer than they compute."""
    torch.set_num_threads(1)
