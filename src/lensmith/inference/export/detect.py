"""Run the model beside this file: python detect.py IMAGE... (onnxruntime, numpy, Pillow)."""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

MODEL = json.loads(Path(__file__).with_name("model.json").read_bytes())
NETWORK = onnxruntime.InferenceSession(Path(__file__).with_name("model.onnx"))


def prepare(image):
    """The network's input; left, top and width, height of the upright image in it, 0..1."""
    frame, how = np.array(MODEL["input_size"]), MODEL["preprocessing"]
    turn = -1 if image.getexif().get(274, 1) >= 5 else 1  # stored rows are upright columns
    sides = np.array(image.size[::turn])
    fit = frame / sides
    scale = {"stretch": fit, "letterbox": fit.min(), "crop": fit.max() / how["crop"]}[how["resize"]]
    size = np.round(sides * scale).clip(1).astype(int)
    image.draft(None, size[::turn].tolist())  # a JPEG is decoded no larger than is needed
    image = ImageOps.exif_transpose(image)
    if image.mode == "I;16":
        image = image.point(lambda grey: grey / 256)
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    canvas, corner = Image.new("RGB", tuple(frame), (how["fill"],) * 3), (frame - size) // 2
    canvas.paste(image.resize(size.tolist(), Image.Resampling.BILINEAR), tuple(corner))
    return np.asarray(canvas)[None], corner / frame, size / frame


def overlap(one, other):
    """Intersection over union."""
    sides = (np.minimum(one, other)[2:] - np.maximum(one, other)[:2]).clip(0)
    return sides.prod() / (sum((box[2:] - box[:2]).prod() for box in (one, other)) - sides.prod())


def detect(path, thresholds=MODEL["thresholds"]):
    """(label, confidence, box), best first; boxes are fractions of the upright image, or empty."""
    pixels, corner, size = prepare(Image.open(path))
    if MODEL["task"] == "classification":
        scores, boxes = NETWORK.run(["scores"], {"images": pixels})[0], np.empty((1, 0))
    else:
        (scores,), (boxes,) = NETWORK.run(["scores", "boxes"], {"images": pixels})
        boxes = ((boxes - np.tile(corner, 2)) / np.tile(size, 2)).clip(0, 1)
        scores = scores * np.all(boxes[:, 2:] > boxes[:, :2], axis=1, keepdims=True)
        thresholds = np.maximum(thresholds, 0.001)  # what has no area or no score is nothing
    seen, found = np.argwhere(scores >= thresholds), []
    for score, label, row in sorted((-scores[i, j], MODEL["labels"][j], i) for i, j in seen):
        rivals = [box for name, _, box in found if name == label]
        if all(overlap(boxes[row], rival) <= MODEL["nms_iou"] for rival in rivals):
            found.append((label, -score, boxes[row]))
    return found[:100]


if __name__ == "__main__":
    for file in sys.argv[1:]:
        for label, confidence, box in detect(file):
            print(file, label, f"{confidence:.4f}", *(f"{edge:.4f}" for edge in box), sep="\t")
