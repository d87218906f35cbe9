"""Writes src/vectors/projection/golden.json: principal axes, trustworthiness and the curve of UMAP by the reference tools.

    python -m venv /tmp/golden && /tmp/golden/bin/pip install umap-learn scikit-learn
    /tmp/golden/bin/python scripts/golden/projection.py && npx oxfmt src/vectors/projection

Vectors are made by the formula of src/vectors/projection/testing.ts, so that none are kept.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from umap import UMAP
from umap.umap_ import find_ab_params, fuzzy_simplicial_set


def scramble(x):
    x = np.atleast_1d(np.asarray(x, dtype=np.uint32))
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def deviate(stream, index):
    return scramble(scramble(stream) + np.asarray(index, dtype=np.uint32)).astype(np.float64) / 2147483648 - 1


def make_patches(rows, columns, patches, noise=0.2):
    r = np.arange(rows)
    at = (r % patches)[:, None] * columns + np.arange(columns)
    u, v = deviate(1, r)[:, None], deviate(2, r)[:, None]
    cell = r[:, None] * columns + np.arange(columns)
    vectors = deviate(3, at) + u * deviate(4, at) + v * deviate(5, at) + noise * deviate(6, cell)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def principal_axes():
    shape = {"rows": 400, "columns": 24, "patches": 4}
    pca = PCA(n_components=5, svd_solver="full").fit(make_patches(**shape).astype(np.float64))
    axes = pca.components_
    axes = axes * np.sign(axes[np.arange(5), np.abs(axes).argmax(axis=1)])[:, None]
    return {"made": shape, "axes": axes.round(7).tolist(), "variance": pca.explained_variance_ratio_.round(7).tolist()}


def trust():
    shape = {"rows": 300, "columns": 16, "patches": 5}
    vectors = make_patches(**shape)
    return {
        "made": shape,
        "layout": "the first two columns",
        "values": {k: trustworthiness(vectors, vectors[:, :2], n_neighbors=k, metric="cosine") for k in (5, 15, 40)},
    }


def score(vectors, layout):
    return float(trustworthiness(vectors, layout, n_neighbors=15, metric="cosine"))


def layouts_umap():
    shape = {"rows": 1500, "columns": 32, "patches": 10}
    vectors = make_patches(**shape)
    # umap-learn counts a row among its own neighbours: 16 are 15 others.
    umap = [score(vectors, UMAP(n_neighbors=16, metric="cosine", random_state=s).fit_transform(vectors)) for s in (1, 2, 3)]
    return {"made": shape, "neighbours": 15, "trustworthiness": umap}


def layouts_tsne():
    shape = {"rows": 600, "columns": 32, "patches": 6}
    vectors = make_patches(**shape)
    # On unit vectors the squared Euclidean distance is twice the cosine distance.
    tsne = [score(vectors, TSNE(init="pca", random_state=s).fit_transform(vectors)) for s in (1, 2, 3)]
    return {"made": shape, "neighbours": 90, "trustworthiness": tsne}


def memberships():
    shape = {"rows": 80, "columns": 16, "patches": 4}
    graph, _, _ = fuzzy_simplicial_set(make_patches(**shape), 11, np.random.RandomState(0), "cosine")
    return {"made": shape, "neighbours": 10, "pairs": int(graph.nnz), "sums": np.ravel(graph.sum(axis=1)).round(6).tolist()}


def curves():
    return [
        {"minDist": m, "spread": s, "a": float(a), "b": float(b)}
        for m, s in ((0.1, 1.0), (0.0, 1.0), (0.5, 1.0), (0.25, 2.0))
        for a, b in [find_ab_params(s, m)]
    ]


golden = {
    "tools": {name: version(name) for name in ("umap-learn", "scikit-learn", "numpy", "scipy")},
    "pca": principal_axes(),
    "trustworthiness": trust(),
    "umap": layouts_umap(),
    "tsne": layouts_tsne(),
    "memberships": memberships(),
    "curves": curves(),
}
target = Path(__file__).parents[2] / "src/vectors/projection/golden.json"
target.write_text(json.dumps(golden, indent=2) + "\n")
