"""Run the model beside this file: python detect.py IMAGE... (onnxruntime, numpy, Pillow)."""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

HERE = Path(__file__).parent
MODEL = json.loads((HERE / "model.json").read_bytes())
NETWORK = onnxruntime.InferenceSession(HERE / "model.onnx")
FRAME, HOW = np.array(MODEL["input_size"]), MODEL["preprocessing"]


def prepare(path):
    """The network's input, and origin and size in pixels of the upright image within it."""
    image = Image.open(path)
    turn = -1 if image.getexif().get(274, 1) >= 5 else 1  # stored rows are upright columns
    sides = np.array(image.size)[::turn]
    scale = FRAME / sides
    if HOW["resize"] != "stretch":
        scale = scale.min() if HOW["resize"] == "letterbox" else scale.max() / HOW["crop"]
    size = np.maximum(np.round(sides * scale), 1).astype(int)
    image.draft(None, tuple(size[::turn]))  # a JPEG is decoded no larger than is needed
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16-bit grey
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    image = image.convert("RGBA")
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    origin = (FRAME - size) // 2
    frame = Image.new("RGB", tuple(FRAME), (HOW["fill"],) * 3)
    frame.paste(image.resize(tuple(size), Image.Resampling.BILINEAR), tuple(origin))
    return np.asarray(frame)[None], origin, size


def overlap(one, other):
    """Intersection over union."""
    shared = np.minimum(one, other)[2:] - np.maximum(one, other)[:2]
    shared, areas = np.prod(shared.clip(0)), [np.prod(box[2:] - box[:2]) for box in (one, other)]
    return shared / (sum(areas) - shared)


def detect(path, thresholds=MODEL["thresholds"]):
    """(label, confidence 0..1, box) of all there is, best first; thresholds are of each label.

    A box is left, top, right, bottom in fractions of the upright image; None when classifying.
    """
    pixels, origin, size = prepare(path)
    names = [output.name for output in NETWORK.get_outputs()]
    answers = dict(zip(names, NETWORK.run(names, {"images": pixels}), strict=True))
    scores, boxes = answers["scores"].reshape(-1, len(MODEL["labels"])), answers.get("boxes")
    if boxes is not None:  # into the image; what has no area or next to no score is nothing
        boxes = ((boxes[0] * np.tile(FRAME, 2) - np.tile(origin, 2)) / np.tile(size, 2)).clip(0, 1)
        solid = np.all(boxes[:, 2:] > boxes[:, :2], axis=1, keepdims=True)
        scores = np.where(solid & (scores >= 0.001), scores, -1)
    seen = [
        (-scores[row, label], MODEL["labels"][label], row)
        for row, label in np.argwhere(scores >= thresholds)
    ]
    found = []
    for score, name, row in sorted(seen):
        box = None if boxes is None else boxes[row]
        rivals = [rival for kept, _, rival in found if kept == name]
        if all(overlap(box, rival) <= MODEL["nms_iou"] for rival in rivals):
            found.append((name, float(-score), box))
    return found[:100]


if __name__ == "__main__":
    for image_path in sys.argv[1:]:
        for name, confidence, box in detect(image_path):
            place = "" if box is None else " ".join(f"{edge:.4f}" for edge in box)
            print(f"{image_path}\t{name}\t{confidence:.4f}\t{place}".rstrip())
