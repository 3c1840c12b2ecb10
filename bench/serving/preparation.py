"""Measure the steps before the network: CPU milliseconds of each for a JPEG of 480 pixels.

`python -m bench preparation` prints the least of many runs on one thread, with either resampler,
and the share of the INT8 network's time where `bench.serving.models` makes that network.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import simplejpeg  # type: ignore[import-untyped]
from rich.console import Console
from rich.table import Table

from bench.serving.pictures import SIZES, photo
from lensmith.domain.precision import Precision
from lensmith.inference.artefact import Artefact, Preprocessing, Resampler, Resize, Task
from lensmith.inference.image import decode, read_header
from lensmith.inference.predictor import Predictor
from lensmith.inference.preprocess import place, prepare, rendered
from lensmith.inference.resample import resampler_here

FRAMES = {
    "classifier": (Resize.CROP, 224),
    "classifier, 260 px": (Resize.CROP, 260),
    "detector": (Resize.LETTERBOX, 320),
    "detector, 512 px": (Resize.LETTERBOX, 512),
}
_SERIES, _RUNS = 7, 30


def main() -> None:
    picture = photo(SIZES["480 px"])
    bare = _milliseconds(lambda: simplejpeg.decode_jpeg(picture, "RGB"))
    Console().print(f"libjpeg-turbo alone takes {bare:.2f} ms.")
    table = Table("", "resampler", "header", "decoding", "resampling", "all", "INT8", "share")
    with tempfile.TemporaryDirectory() as directory:
        models = Path(directory) / "models"
        # A process of its own: nothing that is measured here shares memory with PyTorch.
        subprocess.run([sys.executable, "-m", "bench.serving.models", str(models)], check=True)
        for name, (resize, side) in FRAMES.items():
            for resampler in dict.fromkeys((Resampler.PILLOW, resampler_here())):
                steps = _steps(picture, Preprocessing(resize, resampler=resampler), side)
                network = _network(models / name, picture)
                share = [] if network is None else [network, steps[-1] / network]
                table.add_row(name, resampler, *(f"{each:.2f}" for each in (*steps, *share)))
    Console().print(table)


def _steps(picture: bytes, preprocessing: Preprocessing, side: int) -> list[float]:
    """Header, decoding, resampling, and all in one."""
    frame = (side, side)
    artefact = Artefact(Task.CLASSIFICATION, ("a",), (0.5,), frame, preprocessing)
    header = read_header(picture)
    placement = place((header.width, header.height), frame, preprocessing)
    least = (placement.width, placement.height)
    pixels = decode(picture, header, at_least=least)
    return [
        _milliseconds(lambda: read_header(picture)),
        _milliseconds(lambda: decode(picture, header, at_least=least)),
        _milliseconds(lambda: rendered(pixels, placement, frame, preprocessing)),
        _milliseconds(lambda: prepare(picture, artefact)),
    ]


def _network(model: Path, picture: bytes) -> float | None:
    if not model.exists():
        return None
    predictor = Predictor.open(model, threads=1, precision=Precision.INT8)
    frame, _ = prepare(picture, predictor.artefact)
    return _milliseconds(lambda: predictor.network.run(frame[None]))


def _milliseconds(step: Callable[[], object]) -> float:
    """Measure this thread's CPU time for a run: the least of series, as other work only adds."""
    step()
    series = []
    for _ in range(_SERIES):
        began = time.thread_time()
        for _ in range(_RUNS):
            step()
        series.append((time.thread_time() - began) / _RUNS)
    return 1e3 * min(series)


if __name__ == "__main__":
    main()
