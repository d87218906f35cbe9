"""Writes src/vectors/curation/golden.json: scores of samples by numpy, scipy and scikit-learn.

    python -m venv /tmp/golden && /tmp/golden/bin/pip install numpy scipy scikit-learn
    /tmp/golden/bin/python scripts/golden/curation.py && npx oxfmt src/vectors/curation

Vectors are made by the formula of src/vectors/projection/testing.ts (makePatches), so that none are kept: a crowd in few patches and some strangers in others.
The rules are those of the table in the docstrings of src/vectors/curation/scores.ts, with numpy's own quantile and scipy's own entropy and softmax.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from scipy.special import softmax
from scipy.stats import entropy
from sklearn.neighbors import NearestNeighbors


def scramble(x):
    x = np.atleast_1d(np.asarray(x, dtype=np.uint32))
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def deviate(stream, index):
    return scramble(scramble(stream) + np.asarray(index, dtype=np.uint32)).astype(np.float64) / 2147483648 - 1


def make_patches(rows, columns, patches, noise):
    r = np.arange(rows)
    at = (r % patches)[:, None] * columns + np.arange(columns)
    u, v = deviate(1, r)[:, None], deviate(2, r)[:, None]
    cell = r[:, None] * columns + np.arange(columns)
    vectors = deviate(3, at) + u * deviate(4, at) + v * deviate(5, at) + noise * deviate(6, cell)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


crowd, strangers = (180, 12, 3, 0.1), (9, 12, 9, 0.1)
vectors = np.vstack([make_patches(*crowd), make_patches(*strangers)]).astype(np.float64)
distances, ids = NearestNeighbors(n_neighbors=11, metric="cosine", algorithm="brute").fit(vectors).kneighbors(vectors)
nearest = distances[:, 1:]

score = nearest[:, :10].mean(axis=1)
low, high = np.quantile(score, [0.25, 0.75])
threshold = high + 1.7 * (high - low)

uniqueness = np.mean(nearest[:, :3] * [0.6, 0.3, 0.1], axis=1)
uniqueness /= uniqueness.max()

logits = 3 * deviate(7, np.arange(40 * 6)).reshape(40, 6)
probabilities = softmax(logits, axis=1)
hardness = entropy(probabilities, axis=1) / np.log(6)

golden = {
    "tools": {name: version(name) for name in ("numpy", "scipy", "scikit-learn")},
    "crowd": crowd,
    "strangers": strangers,
    "outliers": {
        "score": score.round(7).tolist(),
        "threshold": round(float(threshold), 7),
        "rows": np.flatnonzero(score > threshold).tolist(),
    },
    "uniqueness": uniqueness.round(7).tolist(),
    "hardness": {"probabilities": probabilities.round(9).tolist(), "score": hardness.round(7).tolist()},
}
target = Path(__file__).parents[2] / "src/vectors/curation/golden.json"
target.write_text(json.dumps(golden) + "\n")
print(golden["outliers"]["rows"], golden["outliers"]["threshold"])
