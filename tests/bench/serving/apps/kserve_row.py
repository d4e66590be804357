"""A row of numbers on KServe's server and ONNX Runtime. Arguments: model, port."""

import sys

import numpy as np
import onnxruntime
from kserve import Model, ModelServer


class Rows(Model):
    def load(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
        self.ready = True
        return True

    async def predict(self, payload, headers=None, response_headers=None):
        features = np.array(payload["instances"], np.float32)
        return {"predictions": self.session.run(None, {"features": features})[-1].tolist()}


if __name__ == "__main__":
    model = Rows("rows")
    model.load()
    ModelServer(http_port=int(sys.argv[2]), workers=1, enable_grpc=False, access_log_format=None).start([model])
