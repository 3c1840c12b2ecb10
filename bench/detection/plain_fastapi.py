"""What one writes in an evening: FastAPI around the predictor, one uvicorn worker a unit.

The file comes as the body itself: no base64, no signature, no rights, no record of the call.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool

from bench.detection.answer import as_json
from lensmith.inference.predictor import Predictor

app = FastAPI()
predictor = Predictor.open(Path(os.environ["BENCH_MODEL"]), int(os.environ["BENCH_THREADS"]))


async def predict(request: Request) -> list[dict[str, Any]]:
    return as_json(await run_in_threadpool(predictor.predict, await request.body()))


app.add_api_route("/predict", predict, methods=["POST"])
