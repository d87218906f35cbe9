"""Weights of the classes for plain matching of sentence vectors, to compare with: softmax of cosines.

    python baseline.py OUT.json QUERY...
"""

import json
import sys
from pathlib import Path

import numpy as np

from encoder import Encoder

names = json.loads((Path(__file__).parent / "../../src/models/builtin/imagenet-classes.json").read_text())
out, *queries = sys.argv[1:]
encoder = Encoder()
cosines = encoder.encode(queries) @ encoder.encode(names).T
weights = np.exp((cosines - cosines.max(1, keepdims=True)) / 0.05)
Path(out).write_text(json.dumps({query: row.round(4).tolist() for query, row in zip(queries, weights)}))
