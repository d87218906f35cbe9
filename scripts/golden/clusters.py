"""Writes src/vectors/clusters/golden.json: clusters by scikit-learn's HDBSCAN, and the inertia of its k-means.

    python -m venv /tmp/golden && /tmp/golden/bin/pip install numpy scikit-learn
    /tmp/golden/bin/python scripts/golden/clusters.py && npx oxfmt src/vectors/clusters

Points are made by the formulas of src/vectors/clusters/testing.ts and src/vectors/projection/testing.ts, so that none are kept.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.cluster import HDBSCAN, KMeans


def scramble(x):
    x = np.atleast_1d(np.asarray(x, dtype=np.uint32))
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def deviate(stream, index):
    return scramble(scramble(stream) + np.asarray(index, dtype=np.uint32)).astype(np.float64) / 2147483648 - 1


def make_blobs(rows, columns, blobs, strays):
    r = np.arange(rows)[:, None]
    cell = r * columns + np.arange(columns)
    blob = r % blobs
    width = 0.2 + np.abs(deviate(12, blob))
    shape = deviate(13, cell) + deviate(14, cell) + deviate(15, cell)
    near = 8 * deviate(11, blob * columns + np.arange(columns)) + width * shape
    points = np.where(r % strays == strays - 1, 10 * deviate(16, cell), near)
    return points.astype(np.float32)


def make_patches(rows, columns, patches, noise):
    r = np.arange(rows)
    at = (r % patches)[:, None] * columns + np.arange(columns)
    u, v = deviate(1, r)[:, None], deviate(2, r)[:, None]
    cell = r[:, None] * columns + np.arange(columns)
    vectors = deviate(3, at) + u * deviate(4, at) + v * deviate(5, at) + noise * deviate(6, cell)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def align(labels, base):
    """`labels` renamed to the clusters of `base` that they share most rows with; -3 for what is mostly noise there."""
    names = {-1: -1}
    for label in set(labels.tolist()) - {-1}:
        shared = np.bincount(base[labels == label] + 1)
        names[label] = shared.argmax() - 1 if shared.argmax() > 0 else -3
    return np.array([names[label] for label in labels.tolist()])


def hierarchies():
    """A shortest edge is often one of several of equal length, and then scikit-learn's clusters depend on the order of the rows.
    Rows that fare differently in 25 orders have no golden value: label -2."""
    cases = [
        {"made": [900, 2, 7, 6], "minClusterSize": 15, "minSamples": 15, "selection": "eom"},
        {"made": [900, 2, 7, 6], "minClusterSize": 10, "minSamples": 4, "selection": "leaf"},
        {"made": [900, 2, 7, 6], "minClusterSize": 10, "minSamples": 1, "selection": "eom"},
        {"made": [1500, 2, 30, 9], "minClusterSize": 8, "minSamples": 3, "selection": "eom"},
        {"made": [700, 5, 6, 4], "minClusterSize": 12, "minSamples": 6, "selection": "eom"},
        {"made": [500, 20, 5, 8], "minClusterSize": 10, "minSamples": 5, "selection": "eom"},
        {"made": [500, 20, 5, 8], "minClusterSize": 5, "minSamples": 1, "selection": "leaf"},
    ]
    rng = np.random.default_rng(1)
    for case in cases:
        points = make_blobs(*case["made"]).astype(np.float64)

        def fit(order):
            found = HDBSCAN(
                min_cluster_size=case["minClusterSize"],
                min_samples=case["minSamples"],
                cluster_selection_method=case["selection"],
                copy=True,
            ).fit(points[order])
            back = np.argsort(order)
            return found.labels_[back], found.probabilities_[back]

        base, probability = fit(np.arange(len(points)))
        assignment = base.copy()
        for _ in range(25):
            labels, strengths = fit(rng.permutation(len(points)))
            assignment[align(labels, base) != base] = -2
            probability[np.abs(strengths - probability) > 1e-6] = np.nan
        probability[assignment == -2] = np.nan
        case["assignment"] = assignment.tolist()
        case["probability"] = [None if np.isnan(p) else round(p, 5) for p in probability]
        print(case["made"], base.max() + 1, (base < 0).sum(), (assignment == -2).sum(), np.isnan(probability).sum())
    return cases


def means():
    cases = [{"made": [2000, 24, 15, 0.3], "k": 15}, {"made": [2000, 24, 15, 0.3], "k": 60}]
    for case in cases:
        vectors = make_patches(*case["made"]).astype(np.float64)
        # scikit-learn's default for k-means++: one start.
        case["inertia"] = [
            round(KMeans(case["k"], max_iter=50, random_state=s).fit(vectors).inertia_, 6) for s in range(10)
        ]
    return cases


golden = {
    "tools": {name: version(name) for name in ("scikit-learn", "numpy")},
    "hdbscan": hierarchies(),
    "kmeans": means(),
}
target = Path(__file__).parents[2] / "src/vectors/clusters/golden.json"
target.write_text(json.dumps(golden) + "\n")
