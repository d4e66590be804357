"""A row of numbers on LitServe and ONNX Runtime. Arguments: model, port, most rows a batch."""

import sys

import litserve
import numpy as np
import onnxruntime


class Rows(litserve.LitAPI):
    def setup(self, device):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])

    def decode_request(self, request):
        return np.array(request["features"], np.float32)

    def batch(self, inputs):
        return np.stack(inputs)

    def unbatch(self, output):
        return list(output)

    def predict(self, features):
        one = features.ndim == 1
        found = self.session.run(None, {"features": features[None] if one else features})[-1]
        return found[0] if one else found

    def encode_response(self, output):
        return {"probabilities": output.tolist()}


if __name__ == "__main__":
    most = int(sys.argv[3])
    api = Rows(max_batch_size=most, batch_timeout=0.001 if most > 1 else 0.0)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1, fast_queue=True)
    server.run(host="127.0.0.1", port=int(sys.argv[2]), generate_client_file=False, log_level="error")
