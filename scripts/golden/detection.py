"""Writes src/evaluation/detection/golden.json: boxes drawn from a seed and what pycocotools makes of them.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install pycocotools==2.0.11 numpy
    /tmp/golden/bin/python scripts/golden/detection.py
"""
import contextlib, io, json, pathlib
from importlib.metadata import version

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

rng = np.random.default_rng(7)
IMAGES, CATEGORIES = 40, 5


def draw_box():
    side = float(np.exp(rng.uniform(np.log(8), np.log(200))))
    w, h = side * rng.uniform(0.6, 1.6), side * rng.uniform(0.6, 1.6)
    return [round(float(v), 2) for v in (rng.uniform(0, 400), rng.uniform(0, 400), w, h)]


def jitter(box, by):
    x, y, w, h = box
    return [round(float(v), 2) for v in (
        x + rng.normal(0, by) * w, y + rng.normal(0, by) * h,
        w * np.exp(rng.normal(0, by)), h * np.exp(rng.normal(0, by)))]


truths, predictions = [], []
for image in range(1, IMAGES + 1):
    if image % 9 == 0:
        continue
    for _ in range(int(rng.integers(0, 9))):
        # The last category is never predicted right, and one is never true.
        category = int(rng.integers(1, CATEGORIES))
        box = draw_box()
        crowd = bool(rng.random() < 0.08)
        truths.append(dict(id=len(truths) + 1, image_id=image, category_id=category, bbox=box,
                           area=round(box[2] * box[3] * float(rng.uniform(0.5, 1)), 3), iscrowd=int(crowd)))
        for _ in range(int(rng.integers(0, 4))):
            predictions.append(dict(image_id=image, category_id=category if rng.random() < 0.9 else int(rng.integers(1, CATEGORIES + 1)),
                                    bbox=jitter(box, rng.choice([0.03, 0.1, 0.3])), score=round(float(rng.random()), 2)))
    for _ in range(int(rng.integers(0, 3))):
        predictions.append(dict(image_id=image, category_id=int(rng.integers(1, CATEGORIES + 1)),
                                bbox=draw_box(), score=round(float(rng.random()), 2)))
# More predictions than are looked at in one image.
for _ in range(130):
    predictions.append(dict(image_id=2, category_id=1, bbox=jitter(truths[0]["bbox"], 0.5), score=round(float(rng.random()), 2)))

with contextlib.redirect_stdout(io.StringIO()):
    coco = COCO()
    coco.dataset = dict(images=[dict(id=i) for i in range(1, IMAGES + 1)], annotations=truths,
                        categories=[dict(id=i) for i in range(1, CATEGORIES + 1)])
    coco.createIndex()
    evaluation = COCOeval(coco, coco.loadRes([dict(p) for p in predictions]), "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
precision = evaluation.eval["precision"]
names = ["ap", "ap50", "ap75", "apSmall", "apMedium", "apLarge", "ar1", "ar10", "ar100", "arSmall", "arMedium", "arLarge"]
golden = dict(
    versions=dict(pycocotools=version("pycocotools"), numpy=np.__version__),
    truths=[[t["image_id"], t["category_id"], *t["bbox"], t["area"], t["iscrowd"]] for t in truths],
    predictions=[[p["image_id"], p["category_id"], *p["bbox"], p["score"]] for p in predictions],
    figures={name: float(value) for name, value in zip(names, evaluation.stats)},
    categories={str(c): float(np.mean(precision[:, :, c - 1, 0, 2])) for c in range(1, CATEGORIES)},
)
out = pathlib.Path(__file__).parents[2] / "src/evaluation/detection/golden.json"
out.write_text(json.dumps(golden) + "\n")
print(len(truths), len(predictions), golden["figures"])
