"""FastAPI, Pillow and ONNX Runtime with their own settings; of Lensmith only the model's two files.

The whole picture is decoded, then scaled, and every box above its label's threshold is an answer.
"""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from fastapi import FastAPI, Request
from PIL import Image
from starlette.concurrency import run_in_threadpool

app = FastAPI()
folder = Path(os.environ["BENCH_MODEL"])
description = json.loads((folder / "model.json").read_bytes())
session = onnxruntime.InferenceSession(folder / "model.onnx")


async def predict(request: Request) -> list[dict[str, Any]]:
    return await run_in_threadpool(look, await request.body())


def look(file: bytes) -> list[dict[str, Any]]:
    picture = Image.open(io.BytesIO(file)).convert("RGB").resize(description["input_size"])
    outputs = session.run(None, {"images": np.asarray(picture)[None]})
    named = dict(zip((output.name for output in session.get_outputs()), outputs, strict=True))
    scores = named["scores"][0].reshape(-1, len(description["labels"]))
    found = np.argwhere(scores >= description["thresholds"])
    return [
        {
            "name": description["labels"][label],
            "confidence": float(scores[row, label]),
            "box": named["boxes"][0][row].tolist() if "boxes" in named else None,
        }
        for row, label in found
    ]


app.add_api_route("/predict", predict, methods=["POST"])
