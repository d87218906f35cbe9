"""Writes src/evaluation/boundary/golden.json: blobs drawn from a seed and the F of their boundaries by SciPy's exact distances.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install scipy==1.17.1 numpy
    /tmp/golden/bin/python scripts/golden/boundary.py

Boundary F as Csurka et al. 2013 define it (tolerance 0.75 % of the diagonal, at least one pixel), from its definition: boundary
pixels by binary erosion with a cross, distances by scipy.ndimage.distance_transform_edt.
"""
import json
import pathlib

import numpy as np
import scipy
from scipy import ndimage

rng = np.random.default_rng(5)


def draw_mask(height, width, shift):
    noise = ndimage.gaussian_filter(rng.standard_normal((height, width)), 6)
    mask = noise > 0.02
    return mask, ndimage.shift(mask.astype(float), shift, order=0, mode="nearest") > 0.5


def boundary(mask):
    # Beyond the edge of the picture counts as inside, so that the edge is no boundary.
    return mask & ~ndimage.binary_erosion(mask, ndimage.generate_binary_structure(2, 1), border_value=1)


def share(of, near, tolerance):
    return float(np.mean(ndimage.distance_transform_edt(~near)[of] <= tolerance))


def runs(mask):
    flat = np.concatenate([[False], mask.ravel(), [False]])
    return np.flatnonzero(flat[1:] != flat[:-1]).tolist()


cases = []
for height, width, shift in [(60, 80, (1, 0)), (60, 80, (3, 2)), (200, 300, (2, 2)), (200, 300, (4, -3)), (33, 47, (0, 0))]:
    truth, predicted = draw_mask(height, width, shift)
    own, other = boundary(truth), boundary(predicted)
    tolerance = max(1.0, 0.0075 * float(np.hypot(width, height)))
    precision, recall = share(other, own, tolerance), share(own, other, tolerance)
    cases.append(dict(width=width, height=height, truth=runs(truth), predicted=runs(predicted),
                      f=2 * precision * recall / (precision + recall)))
out = pathlib.Path(__file__).parents[2] / "src/evaluation/boundary/golden.json"
out.write_text(json.dumps(dict(versions=dict(scipy=scipy.__version__, numpy=np.__version__), cases=cases)) + "\n")
print([case["f"] for case in cases])
