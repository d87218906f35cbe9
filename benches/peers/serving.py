"""The service that benches/serving.bench.ts is held against: FastAPI, Pillow and ONNX Runtime, as their guides put them together.

Needs fastapi, uvicorn, onnxruntime, pillow and numpy. Usage: serving.py MODEL.onnx CLASSES.json THREADS; prints its port, then serves
POST /predict with a picture as the body until its input ends.
"""

import io
import json
import os
import socket
import sys
import threading

import numpy as np
import onnxruntime
import uvicorn
from fastapi import Body, FastAPI
from PIL import Image

weights, names, threads = sys.argv[1:4]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(threads)
session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
classes = json.load(open(names))
app = FastAPI()


# Not async: FastAPI runs it on a thread of its pool, so that requests are decoded side by side.
@app.post("/predict")
def predict(picture: bytes = Body(media_type="application/octet-stream")):
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    scale = 256 / min(image.size)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC)
    left, top = (image.width - 224) // 2, (image.height - 224) // 2
    pixels = np.asarray(image.crop((left, top, left + 224, top + 224)), np.float32)
    data = ((pixels - 127) / 128).transpose(2, 0, 1)[None]
    (logits,) = session.run(["logits"], {"image": np.ascontiguousarray(data)})
    scores = np.exp(logits[0] - logits[0].max())
    scores /= scores.sum()
    best = np.argsort(-scores)[:5]
    return {"classes": [{"class": classes[i], "score": float(scores[i])} for i in best]}


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
print(json.dumps({"port": listener.getsockname()[1], "onnxruntime": onnxruntime.__version__}), flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)).run(sockets=[listener])
