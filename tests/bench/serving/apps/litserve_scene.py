"""A radar image made optical on LitServe, by torch as it is. Arguments: the network from `torch.export`, port."""

import sys
from io import BytesIO

import litserve
import numpy as np
import torch
from fastapi import Response
from PIL import Image


class Scenes(litserve.LitAPI):
    def setup(self, device):
        torch.set_num_threads(2)
        self.network = torch.export.load(sys.argv[1]).module()

    def decode_request(self, request):
        with Image.open(request["image"].file) as image:
            return torch.from_numpy(np.array(image.convert("L")))[None]

    def predict(self, scene):
        with torch.inference_mode():
            return self.network(scene)[0]

    def encode_response(self, output):
        pixels = (output.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
        stream = BytesIO()
        Image.fromarray(pixels).save(stream, "PNG")
        return Response(stream.getvalue(), media_type="image/png")


if __name__ == "__main__":
    server = litserve.LitServer(Scenes(), accelerator="cpu", workers_per_device=1)
    server.run(host="127.0.0.1", port=int(sys.argv[2]), generate_client_file=False, log_level="error")
