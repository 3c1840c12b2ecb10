"""`python -m bench.serving.models FOLDER`: two networks of the trained kinds, their heads random.

Speed does not depend on what was learnt, with one exception that `QUIET_LOGIT` takes care of.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.random import default_rng
from tests.support.artefacts import with_int8

from lensmith.domain.precision import Precision, ProcessorFeature
from lensmith.inference.artefact import Artefact, Preprocessing, Resize, Task
from lensmith.inference.resample import resampler_here
from lensmith.inference.variant import OPENVINO
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
    preprocessing = Preprocessing(Resize.CROP, resampler=resampler_here())
    _export(network, ["scores"], Task.CLASSIFICATION, preprocessing, side, directory)


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
    made = with_int8(directory, thresholds, frames=list(samples), needs=(ProcessorFeature.VNNI,))
    _with_bfloat16(made, directory)


def _with_bfloat16(artefact: Artefact, directory: Path) -> None:
    """Add OpenVINO's bfloat16, slower than INT8, so that it serves only where it is asked for."""
    float32, int8 = artefact.variants
    bfloat16 = replace(
        float32,
        precision=Precision.BFLOAT16,
        runtime=OPENVINO,
        seconds=(float32.seconds + int8.seconds) / 2,
        needs=(ProcessorFeature.BFLOAT16,),
    )
    replace(artefact, variants=(float32, int8, bfloat16)).write(directory)


if __name__ == "__main__":
    main()
