"""An uploaded picture on LitServe. Arguments: `onnx` or `torch`, model, side, port, workers.

`torch` runs the network as it was saved by `torch.export`, eagerly.
"""

import sys

import litserve
import numpy as np
from PIL import Image

kind, model, side, port, workers = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])


class Pictures(litserve.LitAPI):
    def setup(self, device):
        if kind == "torch":
            import torch

            torch.set_num_threads(1)
            self.torch = torch
            self.network = torch.export.load(model).module()
        else:
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def decode_request(self, request):
        with Image.open(request["image"].file) as image:
            pixels = np.asarray(image.convert("RGB").resize((side, side)))
        return np.ascontiguousarray(pixels.transpose(2, 0, 1))[None]

    def predict(self, image):
        if kind == "torch":
            with self.torch.inference_mode():
                return self.network(self.torch.from_numpy(image)).numpy()
        return self.session.run(None, {"image": image})[0]

    def encode_response(self, output):
        return {"probabilities": output[0].tolist()}


if __name__ == "__main__":
    server = litserve.LitServer(Pictures(), accelerator="cpu", workers_per_device=workers, fast_queue=True)
    server.run(host="127.0.0.1", port=port, generate_client_file=False, log_level="error")
