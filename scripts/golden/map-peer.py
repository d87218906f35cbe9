"""Trustworthiness of umap-learn's map of the vectors in an .npy file, for comparison with `fovea map`.

python map-peer.py VECTORS.npy [ROWS_ASKED]

The same definition as src/vectors/projection/trustworthiness.ts: Venna & Kaski 2001, 15 neighbours, cosine distance, asked of
2000 rows drawn at random against all rows. Prints one line of JSON with versions.
"""

import json
import sys
import time

import numpy as np
import sklearn
import umap

vectors = np.load(sys.argv[1]).astype(np.float32)
asked = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
start = time.time()
layout = umap.UMAP(n_neighbors=15, min_dist=0.1, metric="cosine", random_state=0, n_jobs=1).fit_transform(vectors)
seconds = time.time() - start

rows = len(vectors)
k = 15
sample = np.random.default_rng(0).choice(rows, min(asked, rows), replace=False)
penalty = 0
for row in sample:
    high = 1 - vectors @ vectors[row]
    high[row] = np.inf
    ranks = np.empty(rows, dtype=np.int64)
    ranks[np.argsort(high, kind="stable")] = np.arange(1, rows + 1)
    low = ((layout - layout[row]) ** 2).sum(axis=1)
    low[row] = np.inf
    nearest = np.argpartition(low, k)[:k]
    penalty += np.maximum(ranks[nearest] - k, 0).sum()
trust = 1 - penalty * 2 / (len(sample) * k * (2 * rows - 3 * k - 1))
print(
    json.dumps(
        {
            "rows": rows,
            "trustworthiness": round(float(trust), 5),
            "seconds": round(seconds, 1),
            "umap-learn": umap.__version__,
            "scikit-learn": sklearn.__version__,
            "numpy": np.__version__,
        }
    )
)
