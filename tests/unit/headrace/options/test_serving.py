from typing import Any

import pytest
from pydantic import ValidationError

from headrace import catalogue, loading
from headrace.options.serving import Instance, ServingLimits


def test_every_workload_is_served_where_nothing_is_said_of_its_machine() -> None:
    assert ServingLimits.model_validate({}).instance == Instance()
    assert all(catalogue.describe(name).serving.instance.least == 0 for name in loading.names())


def test_an_instance_with_a_gpu_has_what_cloud_run_asks_for() -> None:
    assert Instance(cpus=4, memory_mib=16384, gpu="nvidia-l4").gpu == "nvidia-l4"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"gpu": "nvidia-l4"}, "with a nvidia-l4 has 4 cpus and 16384 memory_mib or more; instance says 1 and 512"),
        ({"gpu": "nvidia-l4", "cpus": 8}, "instance says 8 and 512"),
        ({"least": 5}, "instance.least 5 must not be above instance.most 4"),
        ({"memory_mib": 128}, "instance.memory_mib\n  Input should be greater than or equal to 512"),
        ({"memory": 512}, "instance.memory\n  Extra inputs are not permitted"),
    ],
)
def test_a_machine_that_there_is_not_is_refused_with_the_field(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ServingLimits.model_validate({"instance": given})
    assert words in str(refused.value)
