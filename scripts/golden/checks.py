"""Computes the golden values of src/quality/checks/golden.json with the reference tools.

    python -m venv /tmp/golden && /tmp/golden/bin/pip install numpy scipy scikit-learn pillow cleanvision deepchecks
    /tmp/golden/bin/python scripts/golden/checks.py && npx oxfmt src/quality/checks

Pictures are drawn, looked at by cleanvision and thrown away: what is kept of each are the figures cleanvision measured (that import measures
the same is the business of src/media/golden.json) and what it objected to. Arrays are kept as they are.
"""

import contextlib
import io
import json
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
from cleanvision import Imagelab
from PIL import Image, ImageFilter
from scipy.stats import contingency, ks_2samp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

rng = np.random.default_rng(7)


def draw(i):
    """A picture of soft blobs and stripes; every few are too dark, too light, blurred, flat, grey or of an odd shape."""
    width, height = int(rng.integers(60, 90)), int(rng.integers(60, 90))
    if i % 29 == 0:
        width, height = (20, 75) if i % 2 else (80, 24)
    if i % 67 == 0:
        width, height = 400, 380
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for _ in range(3):
        fx, fy, phase = rng.uniform(0.05, 0.9), rng.uniform(0.05, 0.9), rng.uniform(0, 6)
        planes.append(0.5 + 0.4 * np.sin(fx * x + fy * y + phase) + rng.normal(0, 0.05, (height, width)))
    picture = np.stack(planes, axis=-1)
    if i % 7 == 0:
        picture = picture * rng.uniform(0.02, 0.45)
    elif i % 11 == 0:
        picture = rng.uniform(0.8, 1.0) + picture * rng.uniform(0.0, 0.2)
    elif i % 13 == 0:
        picture = 0.5 + (picture - 0.5) * rng.uniform(0.0, 0.02)
    if i % 9 == 0:
        # A soft slope over all greys, with fewer and fewer edges.
        slope = (x / width * rng.uniform(0.3, 1) + y / height * rng.uniform(0, 0.6))[..., None]
        picture = np.clip(slope + rng.normal(0, rng.uniform(0, 0.08), (height, width, 1)), 0, 1).repeat(3, axis=-1)
    if i % 19 == 0:
        picture = np.round(picture * 2) / 2 * np.array(rng.uniform(0.2, 1, 3))
    image = Image.fromarray((np.clip(picture, 0, 1) * 255).astype(np.uint8))
    if i % 5 == 0:
        image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 12))))
    return image.convert("L") if i % 17 == 0 else image


def look_at_pictures(count):
    with tempfile.TemporaryDirectory() as folder:
        for i in range(count):
            draw(i).save(f"{folder}/{i:04d}.png")
        lab = Imagelab(data_path=folder)
        kinds = ["dark", "light", "odd_aspect_ratio", "low_information", "blurry", "odd_size", "grayscale"]
        with contextlib.redirect_stdout(io.StringIO()):
            lab.find_issues({kind: {} for kind in kinds}, n_jobs=1)
        issues = lab.issues.sort_index()
        pictures = []
        for file, row in issues.iterrows():
            with Image.open(file) as image:
                width, height = image.size
                grey = np.asarray(image.convert("L"))
            share = np.bincount(grey.ravel(), minlength=256) / grey.size
            share = share[share > 0]
            pictures.append(
                {
                    "width": width,
                    "height": height,
                    # Scores are the figures, turned so that low is bad.
                    "brightness_p99": float(row["dark_score"]),
                    "brightness_p5": 1 - float(row["light_score"]),
                    "mode": "gray" if image.mode == "L" else "rgb",
                    # Of the grey histogram, as import measures it; cleanvision's own goes over the histograms of all channels.
                    "entropy": float(-(share * np.log2(share)).sum()),
                    "blur_score": float(row["blurry_score"]),
                    "grayscale": bool(row["is_grayscale_issue"]),
                    "flags": [kind.replace("_", "-") for kind in kinds if row[f"is_{kind}_issue"]],
                }
            )
        return pictures


def distances():
    ks, cramer = [], []
    for n, m, shift, digits in [(5, 7, 0, 3), (40, 60, 0.4, 6), (200, 150, 0.1, 2), (300, 300, 1.5, 1), (64, 1, 0, 6)]:
        a, b = rng.normal(0, 1, n).round(digits), rng.normal(shift, 1.2, m).round(digits)
        ks.append({"a": a.tolist(), "b": b.tolist(), "statistic": float(ks_2samp(a, b).statistic)})
    for rows, columns in [(2, 2), (2, 5), (2, 30), (3, 4), (6, 2)]:
        table = rng.integers(1, 200, (rows, columns))
        cramer.append(
            {"table": table.tolist(), "v": float(contingency.association(table, method="cramer", correction=False))}
        )
    return ks, cramer


def tell_apart():
    """AUC of out-of-fold predictions of logistic regression on standardised columns and their squares."""
    cases = []
    for n, m, shift, spread in [(300, 300, 0, 1), (400, 300, 0.3, 1), (300, 400, 0.8, 1), (300, 300, 0, 2)]:
        a, b = rng.normal(0, 1, (n, 3)).round(4), rng.normal(0, 1, (m, 3)).round(4)
        b[:, 0] = (b[:, 0] * spread + shift).round(4)
        x, y = np.vstack([a, b]), np.repeat([0, 1], [n, m])
        x = np.clip((x - x.mean(axis=0)) / x.std(axis=0), -5, 5)
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        folds = StratifiedKFold(5, shuffle=True, random_state=0)
        scores = cross_val_predict(model, np.hstack([x, x**2]), y, cv=folds, method="decision_function")
        cases.append(
            {"a": a.T.tolist(), "b": b.T.tolist(), "auc": float(roc_auc_score(y, scores))}
        )
    ranks = rng.normal(0, 1, 60).round(1)
    truth = rng.integers(0, 2, 60)
    auc = {"scores": ranks.tolist(), "target": truth.tolist(), "auc": float(roc_auc_score(truth, ranks))}
    return cases, auc


def outliers():
    """Fences as deepchecks' ImagePropertyOutliers draws them, by its own function."""
    from sklearn.metrics import _scorer

    # deepchecks asks for this scorer by the name it had before scikit-learn 1.6.
    _scorer._SCORERS.setdefault("max_error", _scorer._SCORERS.get("neg_max_error"))
    from deepchecks.utils.outliers import iqr_outliers_range

    cases = []
    for n in [10, 37, 200]:
        values = np.concatenate([rng.normal(0.5, 0.1, n), rng.uniform(-1, 2, max(1, n // 10))]).round(5)
        low, high = iqr_outliers_range(values, (25, 75), 1.5)
        # deepchecks narrows the fences to the values there are; outside them lie the same.
        flagged = [i for i, value in enumerate(values) if value < low or value > high]
        cases.append({"values": values.tolist(), "flagged": flagged})
    return cases


if __name__ == "__main__":
    ks, cramer = distances()
    apart, auc = tell_apart()
    golden = {
        "madeBy": "scripts/golden/checks.py",
        "tools": {tool: version(tool) for tool in ("cleanvision", "deepchecks", "scikit-learn", "scipy", "numpy", "pillow")},
        "pictures": look_at_pictures(600),
        "ks": ks,
        "cramer": cramer,
        "apart": apart,
        "auc": auc,
        "fences": outliers(),
    }
    path = Path(__file__).parents[2] / "src/quality/checks/golden.json"
    path.write_text(json.dumps(golden))
