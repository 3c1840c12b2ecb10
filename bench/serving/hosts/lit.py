"""LitServe around the predictor, one worker a unit; a picture is base64 in JSON, its own way."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Any

import litserve

from bench.serving.hosts.answer import as_json
from lensmith.domain.label import Prediction
from lensmith.inference.predictor import Predictor


class Look(litserve.LitAPI):  # type: ignore[misc]
    def __init__(self, model: Path, threads: int) -> None:
        super().__init__()
        self._model = model
        self._threads = threads

    def setup(self, device: str) -> None:  # noqa: ARG002 - LitServe calls it so
        self._predictor = Predictor.open(self._model, self._threads)

    def decode_request(self, request: dict[str, str]) -> bytes:
        return base64.b64decode(request["image"])

    def predict(self, data: bytes) -> Prediction:
        return self._predictor.predict(data)

    def encode_response(self, prediction: Prediction) -> dict[str, Any]:
        return {"found": as_json(prediction)}


def main() -> None:
    model, threads, units, port = sys.argv[1:]
    server = litserve.LitServer(
        Look(Path(model), int(threads)), accelerator="cpu", workers_per_device=int(units)
    )
    server.run(host="127.0.0.1", port=int(port), generate_client_file=False, log_level="warning")


if __name__ == "__main__":
    main()
