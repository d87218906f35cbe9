"""Computes the golden values of src/media/golden.json with the reference tools.

    python -m venv /tmp/golden && /tmp/golden/bin/pip install numpy pillow ImageHash
    /tmp/golden/bin/pip install --no-deps cleanvision==0.3.7    # or: --cleanvision PATH of an unpacked wheel
    /tmp/golden/bin/python scripts/golden/media.py

Pictures are made by formulas that src/media/golden.test.ts repeats, so that no picture is kept. cleanvision's own functions are
called where they can be imported without its heavy dependencies; otherwise the file that defines them is loaded alone.
"""

import argparse
import colorsys
import importlib.metadata
import importlib.util
import json
import math
import sys
import types
from pathlib import Path

import imagehash
import numpy as np
import PIL
from PIL import Image


def noise(count, seed):
    """32-bit xorshift (Marsaglia 2003), upper byte of each state."""
    state = seed
    values = np.empty(count, dtype=np.uint8)
    for i in range(count):
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
        values[i] = state >> 24
    return values


def picture(kind, width, height, seed):
    """Interleaved RGB or grey pixels by formula; integer arithmetic only, so that every language gives the same."""
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    if kind == "color-noise":
        return noise(width * height * 3, seed).reshape(height, width, 3)
    if kind == "gray-noise":
        return noise(width * height, seed).reshape(height, width)
    if kind == "gradient":
        planes = [x * 255 // max(1, width - 1), y * 255 // max(1, height - 1), (x + y) * 255 // max(1, width + height - 2)]
        return np.stack(planes, axis=2).astype(np.uint8)
    if kind == "blobs":
        # Coarse steps with a little noise: edges and flats, like a photograph.
        steps = ((x * 7 // width) * 37 + (y * 5 // height) * 71 + seed * 13) % 256
        grain = noise(width * height, seed).reshape(height, width).astype(np.int64) // 16
        planes = [(steps + grain) % 256, (steps * 3 + grain) % 256, (255 - steps + grain) % 256]
        return np.stack(planes, axis=2).astype(np.uint8)
    if kind == "checker":
        return np.where((x // 8 + y // 8) % 2 == 0, 30, 220).astype(np.uint8)
    raise ValueError(kind)


CASES = [
    {"name": "colour noise", "kind": "color-noise", "width": 97, "height": 61, "seed": 1},
    {"name": "gray noise", "kind": "gray-noise", "width": 33, "height": 70, "seed": 2},
    {"name": "gradient", "kind": "gradient", "width": 300, "height": 200, "seed": 0},
    {"name": "blobs", "kind": "blobs", "width": 256, "height": 340, "seed": 3},
    {"name": "large blobs", "kind": "blobs", "width": 1400, "height": 1100, "seed": 4},
    {"name": "checker", "kind": "checker", "width": 90, "height": 90, "seed": 0},
    {"name": "thumb size", "kind": "color-noise", "width": 32, "height": 32, "seed": 5},
    {"name": "one pixel", "kind": "color-noise", "width": 1, "height": 1, "seed": 6},
    {"name": "two columns", "kind": "gray-noise", "width": 2, "height": 9, "seed": 7},
    {"name": "long strip", "kind": "gray-noise", "width": 400, "height": 3, "seed": 8},
]


def load_cleanvision(folder):
    """The module image_property of cleanvision, from an installation or an unpacked wheel, without pandas."""
    if folder is None:
        folder = Path(importlib.util.find_spec("cleanvision").origin).parent.parent
    folder = Path(folder)
    version = next(folder.glob("cleanvision-*.dist-info")).stem.split("-")[1]
    if importlib.util.find_spec("pandas") is None:
        sys.modules["pandas"] = types.SimpleNamespace(DataFrame=object)
    for name in ["cleanvision", "cleanvision.issue_managers", "cleanvision.utils"]:
        package = types.ModuleType(name)
        package.__path__ = [str(folder / name.replace(".", "/"))]
        sys.modules[name] = package
    sys.modules["cleanvision.issue_managers"].IssueType = types.SimpleNamespace(DARK=types.SimpleNamespace(value="dark"))
    name = "cleanvision.issue_managers.image_property"
    spec = importlib.util.spec_from_file_location(name, folder / "cleanvision/issue_managers/image_property.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, version


def measure(case, cleanvision):
    pixels = picture(case["kind"], case["width"], case["height"], case["seed"])
    image = Image.fromarray(pixels)
    gray = image.convert("L")
    color = np.asarray(image.convert("RGB")).astype(float)
    percents = [1, 5, 50, 95, 99]
    p1, p5, p50, p95, p99 = (float(v) for v in cleanvision.calc_percentile_brightness(image, percents))
    blur = cleanvision.BlurrinessProperty().calculate(image)
    # The defaults of cleanvision's manager: normalizing_factor .01, color_threshold .18.
    spread = 1 - math.exp(-0.01 * blur["blurriness_grayscale_std"])
    blur_score = min(1, 1 - math.exp(-0.01 * blur["blurriness"]) + (0 if spread <= 0.18 else spread))
    brightness = cleanvision.calculate_brightness(color[..., 0], color[..., 1], color[..., 2])
    saturation = [colorsys.rgb_to_hsv(*(rgb / 255))[1] for rgb in color.reshape(-1, 3)]
    return {
        **case,
        "pixels": int(np.asarray(pixels).astype(np.int64).sum()),
        "facts": {
            "brightness": float(brightness.mean()),
            "brightness_p1": p1,
            "brightness_p5": p5,
            "brightness_p50": p50,
            "brightness_p95": p95,
            "brightness_p99": p99,
            "contrast": float(np.asarray(gray).astype(float).std() / 255),
            "sharpness": 1 - math.exp(-0.01 * float(cleanvision.calc_blurriness(gray))),
            "blur_score": float(blur_score),
            "entropy": float(gray.entropy()),
            "saturation": float(np.mean(saturation)),
            "red": float(color[..., 0].mean() / 255),
            "green": float(color[..., 1].mean() / 255),
            "blue": float(color[..., 2].mean() / 255),
            "phash": str(imagehash.phash(image)),
        },
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cleanvision", help="folder of an unpacked cleanvision wheel")
    parser.add_argument("--out", default=str(Path(__file__).parents[2] / "src/media/golden.json"))
    args = parser.parse_args()
    cleanvision, version = load_cleanvision(args.cleanvision)
    tools = {
        "cleanvision": version,
        "pillow": PIL.__version__,
        "imagehash": importlib.metadata.version("ImageHash"),
        "numpy": np.__version__,
    }
    golden = {"madeBy": "scripts/golden/media.py", "tools": tools, "cases": [measure(case, cleanvision) for case in CASES]}
    Path(args.out).write_text(json.dumps(golden, indent=2) + "\n")


main()
