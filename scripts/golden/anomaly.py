"""Writes src/evaluation/anomaly/golden.json: maps of scores with planted regions and what the references make of them.

ROC area, average precision and the best F1 are scikit-learn's; the overlap of regions follows the definition of Bergmann et al. 2020
(arXiv 1911.02357, section 4.2) threshold by threshold, with regions labelled by scipy.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install scikit-learn==1.9.1 scipy==1.17.1 numpy
    /tmp/golden/bin/python scripts/golden/anomaly.py
"""
import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy.ndimage import label
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score

rng = np.random.default_rng(5)
WIDTH, HEIGHT, LIMIT = 20, 16, 0.3
masks, maps = [], []
for picture in range(6):
    mask = np.zeros((HEIGHT, WIDTH), int)
    for _ in range(picture % 4):
        x, y, size = rng.integers(0, WIDTH - 5), rng.integers(0, HEIGHT - 5), rng.integers(2, 5)
        mask[y:y + size, x:x + size] = 1
    if picture == 3:
        mask[0, 0] = mask[1, 1] = 1  # one region over the corner
    masks.append(mask)
    # Rounded, so that there are ties.
    maps.append(np.round(rng.random((HEIGHT, WIDTH)) + mask * rng.random() * 0.8, 2).astype(np.float32))
truth, scores = np.stack(masks), np.stack(maps)


def figures(positive, values):
    precision, recall, thresholds = precision_recall_curve(positive, values)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    best = np.flatnonzero(f1 >= f1.max() - 1e-12)[-1]
    return dict(rocArea=roc_auc_score(positive, values), averagePrecision=average_precision_score(positive, values),
                f1=float(f1[best]), threshold=float(thresholds[best]))


def region_overlap():
    regions = []
    for i, mask in enumerate(masks):
        labels, count = label(mask, structure=np.ones((3, 3)))
        regions += [scores[i][labels == region] for region in range(1, count + 1)]
    normal = scores[truth == 0]
    rates, overlaps = [0.0], [0.0]
    for threshold in np.unique(scores)[::-1]:
        rates.append((normal >= threshold).mean())
        overlaps.append(np.mean([(region >= threshold).mean() for region in regions]))
    rates, overlaps = np.array(rates), np.array(overlaps)
    inside = rates < LIMIT
    x = np.append(rates[inside], LIMIT)
    y = np.append(overlaps[inside], np.interp(LIMIT, rates, overlaps))
    return float(np.trapezoid(y, x) / LIMIT), len(regions)


overlap, regions = region_overlap()
golden = dict(
    versions={"scikit-learn": sklearn.__version__, "numpy": np.__version__, "scipy": scipy.__version__},
    width=WIDTH, height=HEIGHT, masks=[mask.ravel().tolist() for mask in masks],
    maps=[[round(float(value), 2) for value in each.ravel()] for each in maps],
    pixels=figures(truth.ravel(), scores.ravel()) | dict(regionOverlap=overlap, regions=regions),
    pictures=figures(truth.reshape(6, -1).max(1), scores.reshape(6, -1).mean(1)),
    pictureScores=scores.reshape(6, -1).mean(1).tolist(),
)
out = pathlib.Path(__file__).parents[2] / "src/evaluation/anomaly/golden.json"
out.write_text(json.dumps(golden) + "\n")
print({k: golden[k] for k in ("versions", "pixels", "pictures")})
