"""Adds variants in lower precision to a trained model, each evaluated by the code that serves it.

The INT8 file is calibrated on training pictures; the test pictures are predicted once more with it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np
import structlog

from lensmith.domain.job import OnProgress
from lensmith.domain.precision import Precision, ProcessorFeature
from lensmith.evaluation.new_pictures import cross_fitted_f1
from lensmith.evaluation.report import EvaluationReport
from lensmith.evaluation.summary import EvaluatedVersion
from lensmith.inference.artefact import NETWORK_FILE, Artefact
from lensmith.inference.choice import choose_here
from lensmith.inference.image import Pixels
from lensmith.inference.network import Network, OnnxRuntimeNetwork
from lensmith.inference.predictor import Predictor
from lensmith.inference.preprocess import prepare
from lensmith.inference.processor import processor_features
from lensmith.inference.quantisation.quantise import quantise
from lensmith.inference.variant import INT8_FILE, ONNX_RUNTIME, Accuracy, Variant
from lensmith.store.files import write_atomically
from lensmith.training.job.evaluation import Assessment, assess, assess_predictor
from lensmith.training.job.usable_images import UsableImage

CALIBRATION_PICTURES = 48
_ROUNDS = 5  # of timing each network, in turns

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class EvaluatedVariant:
    """A variant with its own assessment and report."""

    variant: Variant
    version: EvaluatedVersion  # with the end of its evaluation
    assessment: Assessment
    report: EvaluationReport


def evaluate_variants(
    directory: Path,
    training: Sequence[UsableImage],
    testing: Sequence[UsableImage],
    version: EvaluatedVersion,
    threads: int,
    on_progress: OnProgress,
    wanted: Precision | None = None,
) -> list[EvaluatedVariant]:
    """Evaluate the model, write its INT8 file into the artefact, and evaluate that.

    Float32 is the first. Where it is `wanted`, there is no other; nor of networks without layers to
    quantise, or that the quantiser does not take. Raises ArtefactError when the model cannot be
    run.
    """
    artefact = Artefact.read(directory)
    frames = _calibration_frames(artefact, training)
    float32 = assess(directory, testing, threads, on_progress)
    # Without VNNI sums of two products saturate in 16 bits; weights of 7 bits leave them room.
    is_exact = ProcessorFeature.VNNI in processor_features()
    made = None
    if wanted is not Precision.FLOAT32:
        made = _quantise(directory / NETWORK_FILE, frames, threads, reduced_range=not is_exact)
    if made is not None:
        write_atomically(directory / INT8_FILE, made)
    paths = [directory / NETWORK_FILE, *([] if made is None else [directory / INT8_FILE])]
    seconds = _seconds([OnnxRuntimeNetwork(path, threads=1) for path in paths], frames[0])
    reference = _described(
        _not_evaluated(Precision.FLOAT32, paths[0], seconds[0]), version, float32
    )
    if made is None:
        return [reference]
    needs = (ProcessorFeature.VNNI,) if is_exact else ()
    int8 = replace(
        _not_evaluated(Precision.INT8, paths[1], seconds[1]),
        needs=needs,
        thresholds=reference.variant.thresholds,  # until it has its own
    )
    predictor = Predictor.of_variant(directory, artefact, int8, threads=1)
    assessment = assess_predictor(predictor, testing, threads, on_progress)
    return [reference, _described(int8, version, assessment)]


def reported(
    evaluated: Sequence[EvaluatedVariant], artefact: Artefact, wanted: Precision | None
) -> EvaluatedVariant:
    """Return the variant that this machine serves: the result files are about that one."""
    described = replace(artefact, variants=tuple(one.variant for one in evaluated))
    chosen = choose_here(described, wanted)
    return next((one for one in evaluated if one.variant is chosen), evaluated[0])


def _calibration_frames(artefact: Artefact, training: Sequence[UsableImage]) -> list[Pixels]:
    drawn = np.random.default_rng(0).permutation(len(training))[:CALIBRATION_PICTURES]
    return [prepare(training[number].file.read_bytes(), artefact)[0] for number in drawn]


def _quantise(
    path: Path, frames: Sequence[Pixels], threads: int, *, reduced_range: bool
) -> bytes | None:
    began = time.monotonic()
    try:
        made = quantise(path, frames, threads, reduced_range=reduced_range)
    except Exception:  # noqa: BLE001 - whatever a network of the hub provokes: the model itself is ready
        _log.exception("the network cannot be quantised")
        return None
    _log.info("int8", made=made is not None, seconds=round(time.monotonic() - began, 1))
    return made


def _seconds(networks: Sequence[Network], frame: Pixels) -> list[float]:
    """Time the networks in turns on this thread alone; the median CPU time of each."""
    times: list[list[float]] = [[] for _ in networks]
    for _ in range(_ROUNDS):
        for network, own in zip(networks, times, strict=True):
            began = time.thread_time()
            network.run(frame[None])
            own.append(time.thread_time() - began)
    return [median(own) for own in times]


def _not_evaluated(precision: Precision, path: Path, seconds: float) -> Variant:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    nothing = Accuracy(0.0, 0.0, 0.0, 0.0)
    return Variant(precision, ONNX_RUNTIME, path.name, digest, (), nothing, seconds)


def _described(
    variant: Variant, version: EvaluatedVersion, assessment: Assessment
) -> EvaluatedVariant:
    """Add thresholds and accuracy of its own to a variant."""
    version = replace(version, ended=datetime.now(UTC))
    report = replace(assessment.report(version), variant=variant.precision.value)
    new = cross_fitted_f1(assessment.scores)
    if new is None:  # one test picture cannot choose and judge
        new = report.f1_score
    accuracy = Accuracy(
        report.f1_score, report.average_precision, new, report.calibration.expected_error
    )
    thresholds = assessment.evaluation.thresholds
    described = replace(variant, thresholds=thresholds, accuracy=accuracy)
    return EvaluatedVariant(described, version, assessment, report)
