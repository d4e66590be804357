"""Clients and servers that others wrote."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tritonclient.http import InferenceServerClient

from tests.unit.inference.running import Client

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", ".*Any type hint is inferred as AnyType", UserWarning)  # MLflow's own hints
    from mlflow.models import Model, infer_signature
    from mlflow.pyfunc import PyFuncModel, scoring_server
    from mlflow.pyfunc.scoring_server.client import ScoringServerClient

__all__ = ["Model", "PyFuncModel", "ScoringServerClient", "infer_signature", "mlflow", "scoring_server", "triton"]


def mlflow(client: Client) -> ScoringServerClient:
    """MLflow's client of the same service."""
    where = urlsplit(client.url)
    return ScoringServerClient(where.hostname, where.port)


@contextmanager
def triton(client: Client) -> Iterator[InferenceServerClient]:
    """NVIDIA's client of the same service."""
    with InferenceServerClient(client.url.removeprefix("http://")) as found:
        yield found
