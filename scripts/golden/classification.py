"""Writes src/evaluation/classes/golden.json: classes and scores drawn from a seed and what scikit-learn makes of them.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install scikit-learn==1.9.1 numpy
    /tmp/golden/bin/python scripts/golden/classification.py
"""
import json
import pathlib

import numpy as np
import sklearn
from sklearn.metrics import (accuracy_score, balanced_accuracy_score, confusion_matrix, precision_recall_fscore_support,
                             roc_auc_score)

rng = np.random.default_rng(11)
ROWS, CLASSES = 300, 5
# The last class is never true, the one before never predicted.
truth = rng.choice(CLASSES - 1, ROWS, p=[0.5, 0.3, 0.15, 0.05])
predicted = np.where(rng.random(ROWS) < 0.6, truth, rng.choice([0, 1, 2, 4], ROWS))
predicted[predicted == 3] = 0
labels = list(range(CLASSES))
precision, recall, f1, support = precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)
scores = np.round(rng.random(ROWS), 2)
positive = (rng.random(ROWS) < scores).astype(int)
golden = dict(
    versions={"scikit-learn": sklearn.__version__, "numpy": np.__version__},
    truth=truth.tolist(), predicted=predicted.tolist(), count=CLASSES,
    accuracy=accuracy_score(truth, predicted),
    balancedAccuracy=balanced_accuracy_score(truth, predicted),
    macroF1=float(np.mean(f1)),
    weightedF1=float(np.average(f1, weights=support)),
    precision=precision.tolist(), recall=recall.tolist(), f1=f1.tolist(),
    confusion=confusion_matrix(truth, predicted, labels=labels).tolist(),
    scores=scores.tolist(), positive=positive.tolist(), rocArea=roc_auc_score(positive, scores),
)
out = pathlib.Path(__file__).parents[2] / "src/evaluation/classes/golden.json"
out.write_text(json.dumps(golden) + "\n")
print({k: golden[k] for k in ("versions", "accuracy", "balancedAccuracy", "macroF1", "rocArea")})
