"""Writes src/quality/labels/golden.json: errors of labels, of boxes and of masks, and agreement, by cleanlab and others.

    python -m venv /tmp/golden && /tmp/golden/bin/pip install cleanlab krippendorff statsmodels scikit-learn
    /tmp/golden/bin/python scripts/golden/labels.py && npx oxfmt src/quality/labels

Inputs are made by the formulas of src/quality/labels/testing.ts, so that none are kept.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from cleanlab.count import compute_confident_joint, get_confident_thresholds, num_label_issues
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores

# How numpy orders equal values depends on the processor; cleanlab rounds and cuts by that order. Here the earlier comes first.
quick_argsort = np.argsort
np.argsort = lambda a, axis=-1: quick_argsort(a, axis=axis, kind="stable")


def scramble(x):
    x = np.atleast_1d(np.asarray(x, dtype=np.uint32))
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def deviate(stream, index):
    return scramble(scramble(stream) + np.asarray(index, dtype=np.uint32)).astype(np.float64) / 2147483648 - 1


def unit(stream, index):
    return (deviate(stream, index) + 1) / 2


def make_noisy(rows, classes, seed, noise, sureness):
    r = np.arange(rows)
    truth = np.minimum(classes - 1, np.floor(unit(seed, r) ** 2 * classes)).astype(int)
    step = 1 + np.minimum(classes - 2, np.floor(unit(seed + 2, r) * (classes - 1))).astype(int)
    given = np.where(unit(seed + 1, r) < noise, (truth + step) % classes, truth)
    x = unit(seed + 3, np.arange(rows * classes)).reshape(rows, classes)
    x[r, truth] += sureness * unit(seed + 4, r)
    x = x * x * x * x
    return x / x.sum(axis=1, keepdims=True), given, truth


METHODS = {
    "noise-rate": "prune_by_noise_rate",
    "class": "prune_by_class",
    "both": "both",
    "confident-learning": "confident_learning",
    "low-margin": "low_normalized_margin",
    "low-self-confidence": "low_self_confidence",
    "disagreement": "predicted_neq_given",
}
MEASURES = {
    "self-confidence": "self_confidence",
    "margin": "normalized_margin",
    "weighted-entropy": "confidence_weighted_entropy",
}


def classification(problem, scores):
    p, given, _ = make_noisy(**problem)
    joint = compute_confident_joint(given, p, calibrate=False)
    return {
        "problem": problem,
        "thresholds": get_confident_thresholds(given, p).round(9).tolist(),
        "joint": joint.ravel().tolist(),
        "calibrated": compute_confident_joint(given, p).ravel().tolist(),
        "confidentErrors": int(num_label_issues(given, p)),
        "flagged": {
            name: np.flatnonzero(find_label_issues(given, p, filter_by=method, n_jobs=1)).tolist()
            for name, method in METHODS.items()
        },
        "worst": {
            name: get_label_quality_scores(given, p, method=method)[:scores].round(9).tolist()
            for name, method in MEASURES.items()
        },
    }


golden = {
    "tools": {name: version(name) for name in ("cleanlab", "numpy", "scikit-learn", "krippendorff", "statsmodels")},
    "classification": [
        classification(dict(rows=2000, classes=10, seed=11, noise=0.08, sureness=1.2), 12),
        classification(dict(rows=300, classes=3, seed=21, noise=0.2, sureness=0.8), 12),
        classification(dict(rows=80, classes=8, seed=31, noise=0.5, sureness=0.1), 12),
        classification(dict(rows=60, classes=2, seed=41, noise=0.1, sureness=2.0), 12),
    ],
}
target = Path(__file__).parents[2] / "src/quality/labels/golden.json"
target.write_text(json.dumps(golden) + "\n")
for case in golden["classification"]:
    print(case["problem"], {name: len(rows) for name, rows in case["flagged"].items()})
