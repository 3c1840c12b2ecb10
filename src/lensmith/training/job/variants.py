"""Adds variants of a trained model, each evaluated by the code that serves it.

INT8 in ONNX Runtime, calibrated on training pictures; where OpenVINO is installed, the float32 file
there in float32 and bfloat16. The test pictures are predicted once more with each.
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
from lensmith.inference.artefact import NETWORK_FILE, Artefact, ArtefactError
from lensmith.inference.choice import choose_here, runtimes_here
from lensmith.inference.image import Pixels
from lensmith.inference.predictor import Predictor
from lensmith.inference.preprocess import prepare
from lensmith.inference.processor import processor_features
from lensmith.inference.variant import (
    INT8_FILE,
    ONNX_RUNTIME,
    OPENVINO,
    SECOND_RUNTIME_SECONDS,
    Accuracy,
    Cost,
    Variant,
    cost_of,
    weighed_seconds,
)
from lensmith.store.files import write_atomically
from lensmith.training.job.evaluation import Assessment, assess_predictor
from lensmith.training.job.int8 import Int8Files
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
    """Evaluate the model, write its INT8 file into the artefact, and evaluate the variants.

    Float32 in ONNX Runtime is the first; where float32 is `wanted`, there is no other. INT8 is
    absent from networks without layers to quantise, or that the quantiser does not take. Where it
    costs too much, the layers that cost most stay in float32. OpenVINO is evaluated in bfloat16, in
    float32 where that cannot serve, and only where it is faster than the first. Raises
    ArtefactError when the model cannot be run.
    """
    artefact = Artefact.read(directory)
    frames = _calibration_frames(artefact, training)
    evaluation = _Evaluation(directory, artefact, frames[0], testing, version, threads, on_progress)
    int8 = Int8Files(directory / NETWORK_FILE, frames, threads)
    float32 = evaluation.opened(_draft(artefact, directory / NETWORK_FILE))
    reference = evaluation.evaluated(float32)
    evaluated = [reference]
    if wanted is Precision.FLOAT32:
        return evaluated
    made = int8.fast()
    fast = None if made is None else _in_int8(made, float32, evaluation)
    if fast is not None:
        evaluated.append(_careful(fast, reference, int8, evaluation, float32))
    for draft in _of_openvino(float32.variant):
        each = _in_openvino(draft, float32, evaluation)
        if each is not None:
            evaluated.append(each)
            if cost_of(each.variant, reference.variant).is_small:
                break  # float32 there is slower
    return evaluated


def reported(
    evaluated: Sequence[EvaluatedVariant], artefact: Artefact, wanted: Precision | None
) -> EvaluatedVariant:
    """Return the variant that this machine serves: the result files are about that one."""
    described = replace(artefact, variants=tuple(one.variant for one in evaluated))
    chosen = choose_here(described, wanted)
    return next((one for one in evaluated if one.variant is chosen), evaluated[0])


@dataclass(frozen=True, slots=True)
class _Opened:
    """A variant that is loaded and timed."""

    predictor: Predictor
    variant: Variant  # not evaluated yet


@dataclass(frozen=True, slots=True)
class _Evaluation:
    """Evaluates the variants of one model on its test pictures."""

    directory: Path
    artefact: Artefact
    frame: Pixels  # on which they are timed
    testing: Sequence[UsableImage]
    version: EvaluatedVersion
    threads: int
    on_progress: OnProgress

    def written(self, int8: bytes) -> Variant:
        """Write the INT8 file into the artefact, and describe it."""
        path = self.directory / INT8_FILE
        write_atomically(path, int8)
        # A file with weights of 8 bits saturates without VNNI; one made there has 7.
        needs = processor_features() & {ProcessorFeature.VNNI}
        return _draft(self.artefact, path, Precision.INT8, ONNX_RUNTIME, tuple(needs))

    def opened(self, draft: Variant, beside: _Opened | None = None) -> _Opened:
        """Load a variant and time it on one thread, in turns with another that is known.

        The median CPU time, as if the machine were as fast as it was then. Raises ArtefactError
        when it cannot be loaded or run.
        """
        predictor = Predictor.of_variant(self.directory, self.artefact, draft, threads=1)
        networks = [predictor.network, *([] if beside is None else [beside.predictor.network])]
        times: list[list[float]] = [[] for _ in networks]
        for _ in range(_ROUNDS):
            for network, own in zip(networks, times, strict=True):
                began = time.thread_time()
                network.run(self.frame[None])
                own.append(time.thread_time() - began)
        seconds = median(times[0])
        if beside is not None:
            seconds *= beside.variant.seconds / median(times[1])
        return _Opened(predictor, replace(draft, seconds=seconds))

    def evaluated(self, opened: _Opened) -> EvaluatedVariant:
        """Predict the test pictures; thresholds and accuracy of the variant are its own."""
        assessment = assess_predictor(
            opened.predictor, self.testing, self.threads, self.on_progress
        )
        version = replace(self.version, ended=datetime.now(UTC))
        report = replace(assessment.report(version), variant=opened.variant.precision.value)
        new = cross_fitted_f1(assessment.scores, assessment.scenes)
        if new is None:  # one test picture cannot choose and judge
            new = report.f1_score
        accuracy = Accuracy(
            report.f1_score, report.average_precision, new, report.calibration.expected_error
        )
        thresholds = assessment.evaluation.thresholds
        described = replace(opened.variant, thresholds=thresholds, accuracy=accuracy)
        return EvaluatedVariant(described, version, assessment, report)


def _careful(
    fast: EvaluatedVariant,
    reference: EvaluatedVariant,
    int8: Int8Files,
    evaluation: _Evaluation,
    float32: _Opened,
) -> EvaluatedVariant:
    """Try INT8 with more layers in float32 where it costs too much; the best one stays."""

    def cost(of: EvaluatedVariant) -> Cost:
        return cost_of(of.variant, reference.variant)

    if cost(fast).is_small:
        return fast
    path, best = evaluation.directory / INT8_FILE, fast
    content = path.read_bytes()
    for made in int8.careful():
        each = _in_int8(made, float32, evaluation)
        if each is not None and cost(each).largest < cost(best).largest:
            best, content = each, made
        if cost(best).is_small:
            break
    write_atomically(path, content)
    return best


def _in_int8(made: bytes, float32: _Opened, evaluation: _Evaluation) -> EvaluatedVariant | None:
    """Evaluate an INT8 file; None, and no file, where the runtime does not take it."""
    try:
        return evaluation.evaluated(evaluation.opened(evaluation.written(made), float32))
    except ArtefactError:  # the model itself is ready
        _log.exception("the INT8 file does not run")
        (evaluation.directory / INT8_FILE).unlink()
        return None


def _of_openvino(float32: Variant) -> list[Variant]:
    """Describe the float32 file as OpenVINO may run it, the fastest first."""
    if OPENVINO not in runtimes_here() or float32.seconds < SECOND_RUNTIME_SECONDS:
        return []
    draft = replace(float32, runtime=OPENVINO)
    if ProcessorFeature.BFLOAT16 not in processor_features():
        return [draft]
    needs = (ProcessorFeature.BFLOAT16,)
    return [replace(draft, precision=Precision.BFLOAT16, needs=needs), draft]


def _in_openvino(
    draft: Variant, float32: _Opened, evaluation: _Evaluation
) -> EvaluatedVariant | None:
    """Evaluate a variant that is faster than float32 in ONNX Runtime; None for others."""
    try:
        opened = evaluation.opened(draft, float32)
        if weighed_seconds(opened.variant) < float32.variant.seconds:
            return evaluation.evaluated(opened)
    except ArtefactError:  # the model itself is ready
        _log.exception("OpenVINO does not run the model", precision=draft.precision)
    return None


def _draft(
    artefact: Artefact,
    path: Path,
    precision: Precision = Precision.FLOAT32,
    runtime: str = ONNX_RUNTIME,
    needs: tuple[ProcessorFeature, ...] = (),
) -> Variant:
    """Describe a variant that is not timed or evaluated yet."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    nothing = Accuracy(0.0, 0.0, 0.0, 0.0)
    thresholds = artefact.thresholds  # until it has its own
    return Variant(precision, runtime, path.name, digest, thresholds, nothing, 0.0, needs)


def _calibration_frames(artefact: Artefact, training: Sequence[UsableImage]) -> list[Pixels]:
    drawn = np.random.default_rng(0).permutation(len(training))[:CALIBRATION_PICTURES]
    return [prepare(training[number].file.read_bytes(), artefact)[0] for number in drawn]
