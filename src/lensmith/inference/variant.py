"""Variants of a model in other precisions, and the rule that chooses the one to serve."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from lensmith.domain.precision import Precision, ProcessorFeature

ONNX_RUNTIME = "onnxruntime"
OPENVINO = "openvino"
INT8_FILE = "model-int8.onnx"
MAX_LOSS = 0.005
"""Of F1 and of average precision, each, that speed may cost against float32."""

_ROUNDING = 1e-9

SECOND_RUNTIME_SECONDS = 0.0005
"""Of a picture that a runtime beside the usual one must save: it starts later, and takes memory."""

_HANDICAP = 1.1  # of such a runtime, besides


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Figures of one variant on the test set, means over its labels."""

    f1_score: float  # at the variant's own thresholds
    average_precision: float
    new_pictures: float  # F1 at thresholds that other test pictures chose, many times over
    expected_calibration_error: float


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to run a model, as it was evaluated; nothing of another variant goes with it."""

    precision: Precision
    runtime: str
    file: str  # in the artefact
    digest: str  # SHA-256 of the file, hexadecimal
    thresholds: tuple[float, ...]  # assumed threshold of each label, 0..1
    accuracy: Accuracy
    seconds: float  # of the network for one picture on one thread, where it was evaluated
    needs: tuple[ProcessorFeature, ...] = ()  # to compute the same answers


@dataclass(frozen=True, slots=True)
class Cost:
    """Points, 0..1, that a variant loses against float32; below 0 where it gains."""

    f1_score: float
    average_precision: float

    @property
    def largest(self) -> float:
        return max(self.f1_score, self.average_precision)

    @property
    def is_small(self) -> bool:
        return self.largest <= MAX_LOSS + _ROUNDING


def cost_of(variant: Variant, reference: Variant) -> Cost:
    here, there = variant.accuracy, reference.accuracy
    return Cost(
        there.new_pictures - here.new_pictures, there.average_precision - here.average_precision
    )


def variant_of(variants: Sequence[Variant], precision: Precision) -> Variant | None:
    """Return the variant of a precision in ONNX Runtime; None without one."""
    found = (one for one in variants if (one.precision, one.runtime) == (precision, ONNX_RUNTIME))
    return next(found, None)


def reference_of(variants: Sequence[Variant]) -> Variant | None:
    """Return float32 in ONNX Runtime, which every machine runs; None in models without variants."""
    return variant_of(variants, Precision.FLOAT32)


def choose_variant(
    variants: Sequence[Variant],
    features: Collection[ProcessorFeature],
    wanted: Precision | None = None,
    runtimes: Collection[str] = (ONNX_RUNTIME,),
) -> Variant | None:
    """Choose the fastest variant that this machine runs as evaluated and that costs little.

    With `wanted` only that precision, whatever it costs, and float32 where the model or the machine
    does not have it. Another runtime than ONNX Runtime must be a tenth and half a
    millisecond faster. None for models without variants, which run as their description says.
    """
    reference = reference_of(variants)
    if reference is None:
        return None
    able = [one for one in variants if one.runtime in runtimes and set(one.needs) <= set(features)]
    if wanted is None:
        chosen = [one for one in able if cost_of(one, reference).is_small]
    else:
        chosen = [one for one in able if one.precision is wanted]
    return min(chosen, key=weighed_seconds, default=reference)


def weighed_seconds(variant: Variant) -> float:
    """Return the time of a picture by which variants are compared."""
    if variant.runtime == ONNX_RUNTIME:
        return variant.seconds
    return _HANDICAP * variant.seconds + SECOND_RUNTIME_SECONDS
