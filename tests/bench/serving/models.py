"""A folder in; three models as every contender wants them, with the requests to ask them with, out.

The loans' model is trained; the networks for pictures have weights drawn at random, which are as fast as any.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import mlflow.xgboost
import numpy as np
import torch
from mlflow.models import infer_signature
from pandas import DataFrame
from torch import nn

from headrace import catalogue, images, loading
from headrace.adapters.flavours import save
from headrace.data.folder_dataset import FolderDataset
from headrace.learning import export_onnx
from headrace.training.folder_run import FolderRun
from headrace.workload import Arrays
from workloads.cats_dogs.codec import Encoding
from workloads.cats_dogs.network import Answering, Classifier
from workloads.loan_default import generator
from workloads.sar_colorization.networks import Colouring, Generator

SIDE, SCENE = 128, 256


@dataclass(frozen=True, slots=True)
class Model:
    """`export` is what Headrace serves, `plain` the file that a peer loads, and both are asked with their `body`."""

    workload: str
    export: Path
    plain: Path
    body: bytes
    plain_body: bytes


def loans(folder: Path) -> Model:
    """XGBoost, trained in seconds; peers are sent the finished numbers, which spares them the reading of a loan.

    MLflow serves it from `native`, asked with an array, and from `named` beside it, asked with a data frame.
    """
    training = loading.training("loan_default")
    (folder / "raw").mkdir(parents=True)
    generator.sample(folder / "raw")
    training.prepare(FolderDataset(folder / "raw"), folder / "split")
    described = catalogue.describe("loan_default")
    model = training.train(folder / "split" / "train", described.candidates["xgboost"], FolderRun(folder / "run"))
    training.export(model, folder / "export")
    (folder / "kept").mkdir()
    native = training.keep(model, folder / "kept")
    assert native is not None
    save(native, folder / "native")
    rows = np.nan_to_num(native.example["features"].astype(np.float64))
    table = DataFrame(rows, columns=native.model.feature_names or [f"f{place}" for place in range(rows.shape[1])])
    mlflow.xgboost.save_model(native.model, folder / "named", signature=infer_signature(table))
    body, plain = json.dumps(dict(described.example)), json.dumps({"features": rows[0].tolist()})
    return Model("loan_default", folder / "export", folder / "native", body.encode(), plain.encode())


def photos(folder: Path) -> Model:
    """The cats' and dogs' network at 128 × 128 pixels, and a JPEG of that size."""
    torch.manual_seed(0)
    network = Answering(Classifier(width=16, dropout=0.0)).eval()
    _write(network, {"image": np.zeros((2, 3, SIDE, SIDE), np.uint8)}, ("probabilities",), folder)
    Encoding(side=SIDE).write(folder / "export")
    photo = images.jpeg(_scene(SIDE, 3))
    return Model("cats_dogs", folder / "export", folder / "network.pt2", photo, photo)


def scenes(folder: Path) -> Model:
    """The full-sized U-Net of 54 million weights, and a radar image of one tile."""
    torch.manual_seed(0)
    network = Colouring(Generator(channels=3, filters=64, depth=8)).eval()
    _write(network, {"sar": np.zeros((2, SCENE, SCENE), np.uint8)}, ("optical",), folder)
    scene = images.png(_scene(SCENE, 1)[:, :, 0])
    return Model("sar_colorization", folder / "export", folder / "network.pt2", scene, scene)


def _write(network: nn.Module, example: Arrays, outputs: tuple[str, ...], folder: Path) -> None:
    (folder / "export").mkdir(parents=True)
    export_onnx(network, example, outputs, folder / "export" / "model.onnx")
    one = tuple(torch.from_numpy(np.ascontiguousarray(array[:1])) for array in example.values())
    torch.export.save(torch.export.export(network, one), folder / "network.pt2")


def _scene(side: int, channels: int) -> images.Pixels:
    """Smooth shapes with a little noise: what compresses like a photo."""
    across, down = np.meshgrid(np.linspace(0, 6, side), np.linspace(0, 6, side))
    waves = [np.sin(across * (1 + c) + c) + np.cos(down * (2 - c / 3)) for c in range(channels)]
    noise = np.random.default_rng(0).normal(0, 0.1, (side, side, channels))
    pixels: images.Pixels = np.clip((np.stack(waves, -1) + noise + 2) * 60, 0, 255).astype(np.uint8)
    return pixels
