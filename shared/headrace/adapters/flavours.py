"""A trained model in its library's terms in; the folder that MLflow's own flavour of that library loads, out."""

import warnings
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import numpy as np

from headrace.workload import Native

PACKAGES = {"pytorch": "torch", "sklearn": "scikit-learn", "xgboost": "xgboost-cpu"}

# MLflow keeps scikit-learn's models with skops, which takes no type that it does not know.
TRUSTED = {"sklearn": {"skops_trusted_types": ["numpy.dtype", "sklearn.tree._tree.Tree"]}}


def save(native: Native, folder: Path) -> None:
    """Write the model with its signature; MLflow is told the requirements, so that it need not run to find them."""
    examples = {name: np.ascontiguousarray(array[:2]) for name, array in native.example.items()}
    package = PACKAGES[native.flavour]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow warns of its own type hints
        import_module(f"mlflow.{native.flavour}").save_model(
            native.model,
            folder,
            input_example=next(iter(examples.values())) if len(examples) == 1 else examples,
            pip_requirements=[f"{package}=={version(package).partition('+')[0]}"],
            **TRUSTED.get(native.flavour, {}),
        )
