"""The service that serving.bench.ts and masks.bench.ts are held against: FastAPI, Pillow and ONNX Runtime, as their guides put them together.

Needs fastapi, uvicorn, onnxruntime, pillow and numpy. Usage: serving.py classes MODEL.onnx THREADS CLASSES.json, or
serving.py masks MODEL.onnx THREADS; prints its port, then serves POST /predict with a picture as the body until its input ends.
"""

import io
import json
import os
import socket
import sys
import threading

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # as in fovea
import numpy as np
import onnxruntime
import uvicorn
from fastapi import Body, FastAPI, Response
from PIL import Image

task, weights, threads = sys.argv[1:4]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(threads)
session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
classes = json.load(open(sys.argv[4])) if task == "classes" else []
app = FastAPI()


def run(image):
    pixels = np.asarray(image, np.float32)
    data = ((pixels - 127) / 128).transpose(2, 0, 1)[None]
    (answer,) = session.run(["logits" if task == "classes" else "probabilities"], {"image": np.ascontiguousarray(data)})
    return answer[0]


def rank(image):
    scale = 256 / min(image.size)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC)
    left, top = (image.width - 224) // 2, (image.height - 224) // 2
    logits = run(image.crop((left, top, left + 224, top + 224)))
    scores = np.exp(logits - logits.max())
    scores /= scores.sum()
    best = np.argsort(-scores)[:5]
    return {"classes": [{"class": classes[i], "score": float(scores[i])} for i in best]}


def draw(image):
    channels = run(image.resize((224, 224), Image.Resampling.BICUBIC))
    seen = [np.asarray(Image.fromarray(each).resize(image.size, Image.Resampling.BILINEAR)) for each in channels]
    best = np.argmax(np.stack(seen), axis=0).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(best * 255).save(file, "PNG")
    return Response(file.getvalue(), media_type="image/png")


# Not async: FastAPI runs it on a thread of its pool, so that requests are decoded side by side.
@app.post("/predict")
def predict(picture: bytes = Body(media_type="application/octet-stream")):
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    return rank(image) if task == "classes" else draw(image)


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
print(json.dumps({"port": listener.getsockname()[1], "onnxruntime": onnxruntime.__version__}), flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)).run(sockets=[listener])
