"""Writes src/formats/coco/rle.golden.json: masks with their run lengths, compressed text, area and box by pycocotools.

Run in an environment with pycocotools and numpy: python scripts/golden/rle.py && npx oxfmt src/formats/coco
"""

import json
import random
from importlib.metadata import version
from pathlib import Path

import numpy
from pycocotools import mask as coco

random.seed(7)
numpy.random.seed(7)


def blobs(height: int, width: int) -> numpy.ndarray:
    pixels = numpy.zeros((height, width), dtype=numpy.uint8)
    for _ in range(random.randint(1, 4)):
        y, x = random.randrange(height), random.randrange(width)
        pixels[y : y + random.randint(1, height), x : x + random.randint(1, width)] ^= 1
    return pixels


def runs(pixels: numpy.ndarray) -> list[int]:
    counts, current, run = [], 0, 0
    for value in pixels.flatten(order="F"):
        if value != current:
            counts.append(run)
            run, current = 0, value
        run += 1
    return counts + [run]


masks = [
    numpy.zeros((3, 4), dtype=numpy.uint8),
    numpy.ones((4, 3), dtype=numpy.uint8),
    (numpy.indices((5, 7)).sum(axis=0) % 2).astype(numpy.uint8),
    (numpy.random.rand(24, 31) < 0.5).astype(numpy.uint8),
    (numpy.random.rand(17, 23) < 0.05).astype(numpy.uint8),
]
masks += [blobs(random.randint(1, 200), random.randint(1, 300)) for _ in range(20)]

cases = []
for pixels in masks:
    rle = coco.encode(numpy.asfortranarray(pixels))
    counts = runs(pixels)
    again = coco.frPyObjects({"size": list(pixels.shape), "counts": counts}, *pixels.shape)
    assert again["counts"] == rle["counts"]
    cases.append(
        {
            "size": list(pixels.shape),
            "counts": counts,
            "compressed": rle["counts"].decode(),
            "area": int(coco.area(rle)),
            "box": [float(v) for v in coco.toBbox(rle)],
        }
    )

target = Path(__file__).parents[2] / "src/formats/coco/rle.golden.json"
target.write_text(json.dumps({"tool": f"pycocotools {version('pycocotools')}", "cases": cases}, separators=(",", ":")) + "\n")
