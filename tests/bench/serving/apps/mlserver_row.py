"""A row of numbers on MLServer and ONNX Runtime, in its one process. Arguments: model, port, most rows a batch."""

import asyncio
import socket
import sys

import onnxruntime
from mlserver import MLModel, MLServer, ModelSettings, Settings
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse


class Rows(MLModel):
    async def load(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
        return True

    async def predict(self, payload):
        features = self.decode(payload.inputs[0], default_codec=NumpyCodec)
        found = self.session.run(None, {"features": features})[-1]
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("probabilities", found)])


async def main():
    most = int(sys.argv[3])
    ports = {"http_port": int(sys.argv[2]), "grpc_port": free_port(), "metrics_port": free_port()}
    settings = Settings(host="127.0.0.1", parallel_workers=0, access_log=False, **ports)
    batch = {"max_batch_size": most, "max_batch_time": 0.001} if most > 1 else {}
    await MLServer(settings).start([ModelSettings(name="rows", implementation=Rows, **batch)])


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


asyncio.run(main())
