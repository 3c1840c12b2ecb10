"""The limit: decoding and ONNX Runtime in a loop, with nothing around it.

`python -m bench.serving.hosts.bare MODEL PICTURE THREADS PRECISION` prints a line when it is ready.
For each line of input, seconds to warm up and seconds to count, it prints one JSON object; it ends
with its input.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from lensmith.domain.precision import Precision
from lensmith.inference.predictor import Predictor


def main() -> None:
    model, picture, threads, precision = sys.argv[1:]
    predictor = Predictor.open(Path(model), int(threads), Precision(precision))
    data = Path(picture).read_bytes()
    print("ready", flush=True)
    for line in sys.stdin:
        warm_up, seconds = map(float, line.split())
        repeat(predictor, data, warm_up)
        cpu = time.process_time()
        times = repeat(predictor, data, seconds)
        print(json.dumps({"seconds": times, "cpu": time.process_time() - cpu}), flush=True)


def repeat(predictor: Predictor, data: bytes, seconds: float) -> list[float]:
    """How long each look at the picture took."""
    times: list[float] = []
    until = time.perf_counter() + seconds
    while (began := time.perf_counter()) < until:
        predictor.predict(data)
        times.append(time.perf_counter() - began)
    return times


if __name__ == "__main__":
    main()
