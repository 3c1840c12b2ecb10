"""`python -m bench.serving.models FOLDER`: two networks of the trained kinds, their heads random.

Speed does not depend on what was learnt, with one exception that `QUIET_LOGIT` takes care of.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from numpy.random import default_rng

from lensmith.domain.precision import Precision, ProcessorFeature
from lensmith.inference.artefact import NETWORK_FILE, Artefact, Preprocessing, Resize, Task
from lensmith.inference.image import Pixels
from lensmith.inference.quantisation.quantise import quantise
from lensmith.inference.variant import INT8_FILE, ONNX_RUNTIME, Accuracy, Variant
from lensmith.training.backbone import BackboneName, fold_norms, load_backbone
from lensmith.training.classifier.linear_head import LinearHead
from lensmith.training.classifier.network import LinearClassifier, LiteFeatures
from lensmith.training.detector.description import LETTERBOX
from lensmith.training.detector.network import STRIDES, Detector
from lensmith.training.detector.served import ServedDetector
from lensmith.training.export import export_model

LABELS = tuple(f"label-{number}" for number in range(10))
QUIET_LOGIT = -6.0  # a trained detector scores nearly all of its candidates near nothing


def main() -> None:
    folder = Path(sys.argv[1])
    torch.manual_seed(0)
    make_classifier(folder / "classifier")
    make_detector(folder / "detector")


def make_classifier(directory: Path, side: int = 224) -> None:
    """A Lite0 classifier as training exports it."""
    weights = default_rng(0).normal(size=(len(LABELS), 1280))
    head = LinearHead(weights, np.zeros(len(LABELS)))
    network = LinearClassifier(LiteFeatures(BackboneName.LITE0), head, exclusive=True)
    _export(network, ["scores"], Task.CLASSIFICATION, Preprocessing(Resize.CROP), side, directory)


def make_detector(directory: Path, side: int = 320) -> None:
    """A Lite0 detector as training exports it."""
    priors = torch.tensor([[2.5 * stride] * 2 for stride in STRIDES])
    detector = Detector(load_backbone(BackboneName.LITE0), len(LABELS), priors).eval()
    for layer in (detector.head.label, detector.head.objectness):
        torch.nn.init.normal_(layer.weight, std=0.2)
    torch.nn.init.constant_(detector.head.objectness.bias, QUIET_LOGIT)  # type: ignore[arg-type]
    fold_norms(detector)
    served = ServedDetector(detector, (side, side))
    _export(served, ["boxes", "scores"], Task.DETECTION, LETTERBOX, side, directory)


def _export(
    network: torch.nn.Module,
    outputs: list[str],
    task: Task,
    preprocessing: Preprocessing,
    side: int,
    directory: Path,
) -> None:
    directory.mkdir(parents=True)
    thresholds = (0.1,) * len(LABELS)
    artefact = Artefact(task, LABELS, thresholds, (side, side), preprocessing)
    samples = default_rng(0).integers(0, 256, (2, side, side, 3), dtype=np.uint8)
    export_model(network, outputs, artefact, directory, samples)
    _add_int8(directory, artefact, list(samples))


def _add_int8(directory: Path, artefact: Artefact, frames: list[Pixels]) -> None:
    """Add the INT8 file as a training does; accuracy says nothing of a random head."""
    made = quantise(directory / NETWORK_FILE, frames, threads=0)
    assert made is not None
    (directory / INT8_FILE).write_bytes(made)
    variants = tuple(
        Variant(
            precision,
            ONNX_RUNTIME,
            file,
            sha256((directory / file).read_bytes()).hexdigest(),
            artefact.thresholds,
            Accuracy(1.0, 1.0, 1.0, 0.0),
            seconds,
            needs,
        )
        for precision, file, seconds, needs in (
            (Precision.FLOAT32, NETWORK_FILE, 2.0, ()),
            (Precision.INT8, INT8_FILE, 1.0, (ProcessorFeature.VNNI,)),
        )
    )
    replace(artefact, variants=variants).write(directory)


if __name__ == "__main__":
    main()
