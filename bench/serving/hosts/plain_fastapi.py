"""What one writes in an evening: FastAPI around the predictor, one uvicorn worker a unit.

No signature, no rights, no record of the call. The file comes as the body itself, or, to tell what
that costs, as DetectCustomLabels takes it: base64 in JSON.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool

from bench.serving.hosts.answer import as_json
from lensmith.domain.precision import Precision
from lensmith.inference.predictor import Predictor

app = FastAPI()
precision = os.environ.get("BENCH_PRECISION")
predictor = Predictor.open(
    Path(os.environ["BENCH_MODEL"]),
    int(os.environ["BENCH_THREADS"]),
    Precision(precision) if precision else None,
)


async def predict(request: Request) -> list[dict[str, Any]]:
    return as_json(await run_in_threadpool(predictor.predict, await request.body()))


async def predict_base64(request: Request) -> list[dict[str, Any]]:
    file = base64.b64decode((await request.json())["Image"]["Bytes"])
    return as_json(await run_in_threadpool(predictor.predict, file))


app.add_api_route("/predict", predict, methods=["POST"])
app.add_api_route("/predict-base64", predict_base64, methods=["POST"])
