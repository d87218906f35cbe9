"""Tries this bundle out: every file has the SHA-256 that bundle.json says, and ONNX Runtime answers the recorded tensors as recorded.

Needs numpy and onnxruntime. Leaves with 0, or with 1 and what is wrong. The signature over bundle.json is checked by:
fovea bundle verify FOLDER
"""

import hashlib
import json
import os
import pathlib
import sys

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # read when onnxruntime is imported
import numpy as np
import onnxruntime

folder = pathlib.Path(__file__).resolve().parent
manifest = json.loads((folder / "bundle.json").read_text())
faults = []
for file in manifest["files"]:
    path = folder / file["name"]
    if not path.is_file():
        faults.append(f"{file['name']} is missing")
    elif hashlib.sha256(path.read_bytes()).hexdigest() != file["sha256"]:
        faults.append(f"{file['name']} is not what was recorded")
if not faults:
    card = manifest["card"]
    session = onnxruntime.InferenceSession(folder / card["weights"], providers=["CPUExecutionProvider"])
    for record in json.loads((folder / "tensors/index.json").read_text()):
        names = list(record["outputs"])
        found = session.run(names, {card["input"]["name"]: np.load(folder / record["input"])})
        for name, value in zip(names, found):
            expected = np.load(folder / record["outputs"][name])
            # Processors differ in the last bits, which a deep network carries on.
            if value.shape != expected.shape or not np.allclose(value, expected, rtol=0.01, atol=0.01 * np.abs(expected).max()):
                faults.append(f"{name} for {record['input']} is not as recorded")
for fault in faults:
    print(fault, file=sys.stderr)
if not faults:
    print(f"{manifest['model']}: {len(manifest['files'])} files and all tensors as recorded")
sys.exit(1 if faults else 0)
