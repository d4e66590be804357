"""The least there can be on ASGI: parse a list of numbers, ask ONNX Runtime, answer. MODEL and PORT are arguments."""

import sys

import msgspec
import numpy as np
import onnxruntime
import uvicorn

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
decode, encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    message = await receive()
    features = np.array([decode(message["body"])["features"]], np.float32)
    body = encode({"probabilities": session.run(None, {"features": features})[-1][0].tolist()})
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


uvicorn.run(
    app, host="127.0.0.1", port=int(sys.argv[2]), loop="uvloop", http="httptools", access_log=False, log_level="error"
)
