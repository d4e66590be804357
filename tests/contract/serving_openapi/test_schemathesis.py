from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.unit.inference.running import Client

Operation = APIOperation[Any, Any, Any, Any]

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]

MLFLOWS_OWN = ("/ping", "/version")
"""They say that they are JSON and are not, as MLflow's do."""

bounded = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def described(client: Client) -> BaseSchema:
    return schemathesis.openapi.from_url(f"{client.url}/openapi.json")


def _said(operation: Operation, mode: GenerationMode) -> str:
    """What the service did to requests made up for the operation that its document does not announce."""

    @bounded
    @given(operation.as_strategy(generation_mode=mode))
    def holds(case: Any) -> None:
        case.call_and_validate(checks=CHECKS, timeout=10)

    try:
        holds()
    except Unsatisfiable:  # nothing can be wrong where nothing is sent
        return ""
    except (Exception, FailureGroup) as wrong:
        return f"{operation.label}: {wrong}"
    return ""


@pytest.mark.parametrize("mode", GenerationMode)
def test_whatever_is_sent_the_answer_is_one_that_the_document_announces(
    described: BaseSchema, mode: GenerationMode
) -> None:
    found = [result.ok() for result in described.get_all_operations() if isinstance(result, Ok)]
    operations = [operation for operation in found if operation.path not in MLFLOWS_OWN]
    wrong = [said for operation in operations if (said := _said(operation, mode))]
    assert not wrong, "\n\n".join(wrong)
    assert len(operations) > 50
