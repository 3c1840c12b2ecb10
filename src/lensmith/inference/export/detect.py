"""Find objects: python detect.py IMAGE... (needs onnxruntime, numpy and Pillow only)."""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from picture import fitted

MODEL = json.loads(Path(__file__).with_name("model.json").read_bytes())
NETWORK = onnxruntime.InferenceSession(Path(__file__).with_name("model.onnx"))
FRAME = np.array(MODEL["input_size"])
for path in sys.argv[1:]:
    pixels, corner, size = fitted(path, FRAME, MODEL["preprocessing"])
    (boxes,), (scores,) = NETWORK.run(["boxes", "scores"], {"images": pixels[None]})
    boxes = ((boxes.reshape(-1, 2, 2) * FRAME - corner) / size).clip(0, 1)  # upright
    area = np.diff(boxes, axis=1).clip(0).prod((1, 2))
    seen, found = np.argwhere((area > 0)[:, None] & (scores >= MODEL["thresholds"])), []
    for score, label, row in sorted((-scores[i, j], MODEL["labels"][j], i) for i, j in seen):
        same = [other for name, other in found if name == label]
        shared = np.diff(boxes[same].clip(*boxes[row]), axis=1).prod((1, 2))
        if len(found) < 100 and all(shared <= MODEL["nms_iou"] * (area[row] + area[same] - shared)):
            found.append((label, row))
            print(path, label, f"{-score:.4f}", *(f"{x:.4f}" for x in boxes[row].flat), sep="\t")
