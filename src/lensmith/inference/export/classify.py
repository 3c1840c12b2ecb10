"""Label pictures: python classify.py IMAGE... (needs onnxruntime, numpy and Pillow only)."""

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

MODEL = json.loads(Path(__file__).with_name("model.json").read_bytes())
NETWORK = onnxruntime.InferenceSession(Path(__file__).with_name("model.onnx"))
FRAME, HOW = np.array(MODEL["input_size"]), MODEL["preprocessing"]

for path in sys.argv[1:]:
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    fit = FRAME / image.size
    scale = {"stretch": fit, "letterbox": fit.min(), "crop": fit.max() / HOW["crop"]}[HOW["resize"]]
    size = np.round(np.multiply(image.size, scale)).clip(1).astype(int)
    canvas = Image.new("RGB", tuple(FRAME), (HOW["fill"],) * 3)
    resized = image.resize(tuple(size), Image.Resampling.BILINEAR)
    canvas.paste(resized, tuple((FRAME - size) // 2))  # what sticks out is cut off

    scores = NETWORK.run(["scores"], {"images": np.asarray(canvas)[None]})[0][0]
    seen = np.flatnonzero(scores >= MODEL["thresholds"])
    for score, label in sorted((-scores[i], MODEL["labels"][i]) for i in seen):
        print(path, label, f"{-score:.4f}", sep="\t")
