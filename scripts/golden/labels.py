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
from cleanlab.multiannotator import get_label_quality_multiannotator, get_majority_vote_label
from cleanlab.object_detection.rank import (
    _get_valid_inputs_for_compute_scores,
    compute_badloc_box_scores,
    compute_overlooked_box_scores,
    compute_swap_box_scores,
    get_label_quality_scores as score_boxes,
    pool_box_scores_per_image,
)
from cleanlab.rank import get_label_quality_scores
from cleanlab.segmentation.rank import get_label_quality_scores as score_masks
import krippendorff
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa

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


def make_boxes(images, seed):
    """Labels and predictions of each image: found near, moved, missed, of another class, or out of nothing."""
    made = []
    for i in range(images):
        labels, predictions = [], []
        count = int(unit(seed, i)[0] * 5)
        for b in range(count):
            u = unit(seed + 1, (i * 8 + b) * 16 + np.arange(16))
            x, y, w, h = 200 * u[0], 150 * u[1], 10 + 60 * u[2], 10 + 60 * u[3]
            k = int(u[4] * 3)
            fate = u[5]
            if fate > 0.1:
                labels.append(([x, y, x + w, y + h], (k + 1) % 3 if fate > 0.85 else k))
            if fate > 0.97:
                labels.append(([x, y, x + w, y + h], k))
            if fate < 0.9:
                shift = 0.05 if fate < 0.7 else 0.6
                dx, dy = shift * w * (u[6] - 0.5), shift * h * (u[7] - 0.5)
                predictions.append(([x + dx, y + dy, x + dx + w, y + dy + h], k, 0.4 + 0.6 * u[8] ** 0.25))
        u = unit(seed + 2, i * 8 + np.arange(8))
        if u[0] < 0.3:
            predictions.append(([220 + 10 * u[1], 160, 260, 200], int(u[2] * 3), 0.9 + 0.1 * u[3]))
        made.append((labels, predictions))
    return made


def boxes(images, seed):
    made = make_boxes(images, seed)
    labels = [
        {"bboxes": np.array([b for b, _ in own]).reshape(-1, 4), "labels": np.array([k for _, k in own], dtype=int)}
        for own, _ in made
    ]
    predictions = [
        np.array([np.array([b + [s] for b, k, s in own if k == c]).reshape(-1, 5) for c in range(3)] + [None], dtype=object)[:3]
        for _, own in made
    ]
    inputs = _get_valid_inputs_for_compute_scores(0.9, labels, predictions)
    parts = {
        "overlooked": compute_overlooked_box_scores(auxiliary_inputs=inputs),
        "misplaced": compute_badloc_box_scores(auxiliary_inputs=inputs),
        "swapped": compute_swap_box_scores(auxiliary_inputs=inputs),
    }
    return {
        "images": [
            {
                "labels": [{"box": np.round(b, 9).tolist(), "class": int(k)} for b, k in own],
                # By class, as cleanlab has them.
                "predictions": [
                    {"box": np.round(b, 9).tolist(), "class": int(k), "score": round(float(s), 9)}
                    for b, k, s in sorted(found, key=lambda one: one[1])
                ],
            }
            for own, found in made
        ],
        **{
            name: [[None if np.isnan(one) else round(float(one), 7) for one in own] for own in scores]
            for name, scores in parts.items()
        },
        "image": {name: pool_box_scores_per_image(scores).round(7).tolist() for name, scores in parts.items()},
        "quality": score_boxes(labels, predictions, verbose=False).round(7).tolist(),
    }


def masks(images, classes, height, width, seed):
    p = unit(seed, np.arange(images * classes * height * width)).reshape(images, classes, height, width)
    p = p**4 / (p**4).sum(axis=1, keepdims=True)
    given = np.floor(unit(seed + 1, np.arange(images * height * width)) * classes).astype(int)
    given = given.reshape(images, height, width)
    # Mostly what the model says.
    given = np.where(unit(seed + 2, np.arange(given.size)).reshape(given.shape) < 0.95, p.argmax(axis=1), given)
    scores, pixels = score_masks(given, p, verbose=False)
    return {
        "pixels": pixels.reshape(images, -1).round(7).tolist(),
        "scores": scores.round(7).tolist(),
    }


def make_votes(samples, annotators, classes, seed, missing):
    """Annotators of rising care; each sample has at least one vote."""
    truth = np.floor(unit(seed, np.arange(samples)) * classes).astype(int)
    at = np.arange(samples * annotators)
    care = 0.5 + 0.45 * np.arange(annotators) / max(1, annotators - 1)
    other = np.floor(unit(seed + 2, at) * classes).astype(int).reshape(samples, annotators)
    right = unit(seed + 1, at).reshape(samples, annotators) < care
    votes = np.where(right, truth[:, None], other)
    gone = unit(seed + 3, at).reshape(samples, annotators) < missing
    gone[np.arange(samples), np.arange(samples) % annotators] = False
    x = unit(seed + 4, np.arange(samples * classes)).reshape(samples, classes)
    x[np.arange(samples), truth] += 0.8
    p = x**4 / (x**4).sum(axis=1, keepdims=True)
    return np.where(gone, -1, votes), p


def nullable(x):
    return None if np.isnan(x) else round(float(x), 8)


def crowd(problem):
    votes, p = make_votes(**problem)
    known = np.where(votes < 0, np.nan, votes.astype(float))
    found = get_label_quality_multiannotator(known, p, verbose=False, return_weights=True)
    pairs = []
    for a in range(problem["annotators"]):
        for b in range(a + 1, problem["annotators"]):
            both = (votes[:, a] >= 0) & (votes[:, b] >= 0)
            kappa = cohen_kappa_score(votes[both, a], votes[both, b]) if both.any() else np.nan
            pairs.append({"a": a, "b": b, "both": int(both.sum()), "kappa": nullable(kappa)})
    counts = np.stack([(votes == k).sum(axis=1) for k in range(problem["classes"])], axis=1)
    full = len(set(counts.sum(axis=1))) == 1
    return {
        "problem": problem,
        "votes": votes.ravel().tolist(),
        "majority": get_majority_vote_label(known, p, verbose=False).tolist(),
        "label": found["label_quality"]["consensus_label"].tolist(),
        "quality": found["label_quality"]["consensus_quality_score"].round(8).tolist(),
        "agreement": found["label_quality"]["annotator_agreement"].round(8).tolist(),
        "annotators": found["annotator_stats"].sort_index()["annotator_quality"].round(8).tolist(),
        "model": nullable(found["model_weight"]),
        "weights": np.round(found["annotator_weight"], 8).tolist(),
        "pairs": pairs,
        "fleiss": nullable(fleiss_kappa(counts)) if full else None,
        "alpha": {
            level: nullable(krippendorff.alpha(reliability_data=known.T, level_of_measurement=level))
            for level in ("nominal", "interval")
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
    "boxes": boxes(80, 51),
    "masks": masks(4, 3, 6, 7, 61),
    "crowd": [
        crowd(dict(samples=60, annotators=4, classes=3, seed=71, missing=0.4)),
        crowd(dict(samples=40, annotators=3, classes=2, seed=81, missing=0.0)),
        crowd(dict(samples=50, annotators=5, classes=6, seed=91, missing=0.7)),
    ],
}
target = Path(__file__).parents[2] / "src/quality/labels/golden.json"
target.write_text(json.dumps(golden) + "\n")
for case in golden["classification"]:
    print(case["problem"], {name: len(rows) for name, rows in case["flagged"].items()})
