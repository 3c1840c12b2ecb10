"""Label pictures: python classify.py IMAGE... (needs onnxruntime, numpy and Pillow only)."""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from picture import fitted

MODEL = json.loads(Path(__file__).with_name("model.json").read_bytes())
NETWORK = onnxruntime.InferenceSession(Path(__file__).with_name("model.onnx"))

for path in sys.argv[1:]:
    pixels, _, _ = fitted(path, np.array(MODEL["input_size"]), MODEL["preprocessing"])
    scores = NETWORK.run(["scores"], {"images": pixels[None]})[0][0]
    seen = np.flatnonzero(scores >= MODEL["thresholds"])
    for score, label in sorted((-scores[i], MODEL["labels"][i]) for i in seen):
        print(path, label, f"{-score:.4f}", sep="\t")
