"""Find objects: python detect.py IMAGE... (needs onnxruntime, numpy and Pillow only)."""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

MODEL = json.loads(Path(__file__).with_name("model.json").read_bytes())
NETWORK = onnxruntime.InferenceSession(Path(__file__).with_name("model.onnx"))
FRAME, HOW = np.array(MODEL["input_size"]), MODEL["preprocessing"]


def overlap(box, others):
    """Intersection over union with each of the others; a box is [[left, top], [right, bottom]]."""
    shared = (np.minimum(box[1], others[:, 1]) - np.maximum(box[0], others[:, 0])).clip(0).prod(1)
    return shared / ((box[1] - box[0]).prod() + (others[:, 1] - others[:, 0]).prod(1) - shared)


for path in sys.argv[1:]:
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    fit = FRAME / image.size
    scale = {"stretch": fit, "letterbox": fit.min(), "crop": fit.max() / HOW["crop"]}[HOW["resize"]]
    size = np.round(np.multiply(image.size, scale)).clip(1).astype(int)
    corner = (FRAME - size) // 2  # negative where the picture reaches beyond the frame
    canvas = Image.new("RGB", tuple(FRAME), (HOW["fill"],) * 3)
    canvas.paste(image.resize(tuple(size), Image.Resampling.BILINEAR), tuple(corner))

    (boxes,), (scores,) = NETWORK.run(["boxes", "scores"], {"images": np.asarray(canvas)[None]})
    boxes = ((boxes.reshape(-1, 2, 2) * FRAME - corner) / size).clip(0, 1)  # of the upright image
    solid = (boxes[:, 1] > boxes[:, 0]).all(axis=1, keepdims=True)
    seen, found = np.argwhere(solid & (scores >= MODEL["thresholds"])), []
    for score, label, row in sorted((-scores[i, j], MODEL["labels"][j], i) for i, j in seen):
        rivals = boxes[[other for name, other in found if name == label]]
        if len(found) < 100 and (overlap(boxes[row], rivals) <= MODEL["nms_iou"]).all():
            found.append((label, row))
            print(path, label, f"{-score:.4f}", *(f"{x:.4f}" for x in boxes[row].flat), sep="\t")
