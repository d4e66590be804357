"""A model in; the field's servers on it, each at the best configuration found, out.

Peers get finished numbers or pixels and check nothing; what Headrace does besides is in its favour to leave out.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import yaml

from headrace.settings import inherited
from tests.bench.serving.contender import Contender
from tests.bench.serving.models import SIDE, Model

HERE = Path(__file__).parent / "apps"
PART = "headrace-part"


def of_rows(python: str, model: Model) -> list[Contender]:
    """MLflow's own server on the booster, and servers of other makes on ONNX Runtime."""
    graph, surroundings = str(model.export / "model.onnx"), _surroundings(python)
    numbers = json.loads(model.plain_body)["features"]
    batch, inputs = (json.dumps({key: [numbers]}).encode() for key in ("features", "inputs"))
    named = model.plain.parent / "named"
    frame = json.dumps({"dataframe_split": {"columns": _columns(named), "data": [numbers]}}).encode()
    lit, bento = str(HERE / "litserve_row.py"), [python, "-m", "bentoml", "serve", "bento_row:Rows"]
    return [
        Contender("bare ASGI", [python, str(HERE / "bare_app.py"), graph, "{port}"], "/", model.plain_body),
        Contender("LitServe", [python, lit, graph, "{port}", "1"], "/predict", model.plain_body),
        Contender("LitServe, batches", [python, lit, graph, "{port}", "32"], "/predict", model.plain_body),
        Contender(
            "BentoML",
            [*bento, "--host", "127.0.0.1", "--port", "{port}"],
            "/predict",
            batch,
            environment={**surroundings, "MODEL": graph, "BENTOML_DO_NOT_TRACK": "1"},
            folder=HERE,
        ),
        *_of_their_own(python, graph, numbers),
        _mlflow(python, "mlflow models serve", named, frame),
        _mlflow(python, "mlflow, sent an array", model.plain, inputs),
    ]


def of_photos(python: str, model: Model) -> list[Contender]:
    """LitServe in the ways in which it may be set up for pictures."""
    graph, script = str(model.export / "model.onnx"), str(HERE / "litserve_image.py")
    body, headers = multipart(model.plain_body)
    ways = [
        ("onnx", graph, "1"),
        ("onnx", graph, "2"),
        ("torch", str(model.plain), "1"),
        ("torch", str(model.plain), "2"),
    ]
    return [
        Contender(
            f"LitServe, {kind}, {workers} worker{'s' * (workers != '1')}",
            [python, script, kind, file, str(SIDE), "{port}", workers],
            "/predict",
            body,
            headers,
        )
        for kind, file, workers in ways
    ]


def of_scenes(python: str, model: Model) -> list[Contender]:
    """LitServe on torch, as most would do it."""
    body, headers = multipart(model.plain_body)
    command = [python, str(HERE / "litserve_scene.py"), str(model.plain), "{port}"]
    return [Contender("LitServe, torch", command, "/predict", body, headers)]


def multipart(file: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The file as a browser's form sends it."""
    head = f'--{PART}\r\nContent-Disposition: form-data; name="image"; filename="image"\r\n\r\n'
    body = head.encode() + file + f"\r\n--{PART}--\r\n".encode()
    return body, (f"Content-Type: multipart/form-data; boundary={PART}",)


def _of_their_own(python: str, graph: str, numbers: list[float]) -> Iterator[Contender]:
    """Servers whose libraries would set the others back; each is there if it has an environment inside the others'."""
    tensor = {"name": "features", "shape": [1, len(numbers)], "datatype": "FP32", "data": numbers}
    infer, predict = (json.dumps(body).encode() for body in ({"inputs": [tensor]}, {"instances": [numbers]}))
    pythons = {name: Path(python).parents[1] / name / "bin" / "python" for name in ("mlserver", "kserve")}
    if pythons["mlserver"].exists():
        for name, most in (("MLServer", "1"), ("MLServer, batches", "32")):
            command = [str(pythons["mlserver"]), str(HERE / "mlserver_row.py"), graph, "{port}", most]
            yield Contender(name, command, "/v2/models/rows/infer", infer)
    if pythons["kserve"].exists():
        command = [str(pythons["kserve"]), str(HERE / "kserve_row.py"), graph, "{port}"]
        yield Contender("KServe", command, "/v1/models/rows:predict", predict)


def _mlflow(python: str, name: str, saved: Path, body: bytes) -> Contender:
    command = [python, "-m", "mlflow", "models", "serve", "--model-uri", str(saved), "--env-manager", "local"]
    command += ["--port", "{port}", "--workers", "1"]
    return Contender(name, command, "/invocations", body, environment=_surroundings(python))


def _columns(saved: Path) -> list[str]:
    signature = yaml.safe_load((saved / "MLmodel").read_text())["signature"]
    return [column["name"] for column in json.loads(signature["inputs"])]


def _surroundings(python: str) -> dict[str, str]:
    """MLflow and BentoML start programs that lie beside their Python."""
    kept = inherited()
    return {**kept, "PATH": f"{Path(python).parent}:{kept.get('PATH', '')}"}
