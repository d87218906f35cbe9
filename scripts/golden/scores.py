"""Writes src/evaluation/scores/golden.json: scores drawn from a seed and what scikit-learn and SciPy make of them.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install scikit-learn==1.9.1 scipy==1.17.1 numpy
    /tmp/golden/bin/python scripts/golden/scores.py
"""
import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, mean_absolute_error, r2_score, roc_auc_score, root_mean_squared_error

rng = np.random.default_rng(23)
ROWS = 240
scores = np.round(rng.random(ROWS), 2)
positive = (rng.random(ROWS) < scores ** 2).astype(int)
weights = rng.multinomial(ROWS, np.full(ROWS, 1 / ROWS))
# Two decimals lie on borders of bins; a score of its own for the bins keeps clear of them.
sure = rng.random(ROWS)
right = (rng.random(ROWS) < sure).astype(int)
accuracy, score = calibration_curve(right, sure, n_bins=15)
truth = rng.normal(10, 3, ROWS)
said = truth + rng.normal(0.5, 1, ROWS)
golden = dict(
    versions={"scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__},
    scores=scores.tolist(), positive=positive.tolist(), weights=weights.tolist(),
    rocArea=roc_auc_score(positive, scores), averagePrecision=average_precision_score(positive, scores),
    weightedRocArea=roc_auc_score(positive, scores, sample_weight=weights),
    weightedAveragePrecision=average_precision_score(positive, scores, sample_weight=weights),
    sure=sure.tolist(), right=right.tolist(), reliability=dict(accuracy=accuracy.tolist(), score=score.tolist()),
    truth=truth.tolist(), said=said.tolist(), mae=mean_absolute_error(truth, said, sample_weight=weights),
    rmse=root_mean_squared_error(truth, said, sample_weight=weights), r2=r2_score(truth, said, sample_weight=weights),
    flips=[dict(lost=a, gained=b, p=binomtest(a, a + b).pvalue) for a, b in [(3, 9), (10, 10), (0, 7), (120, 90), (900, 700)]],
)
out = pathlib.Path(__file__).parents[2] / "src/evaluation/scores/golden.json"
out.write_text(json.dumps(golden) + "\n")
print({k: golden[k] for k in ("versions", "rocArea", "averagePrecision", "mae", "rmse", "r2")})
