"""The rule that chooses a variant, and which machine may run one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lensmith.domain.precision import Precision, ProcessorFeature
from lensmith.inference.processor import processor_features
from lensmith.inference.variant import ONNX_RUNTIME, OPENVINO, Accuracy, Variant, choose_variant

VNNI = ProcessorFeature.VNNI
FLOAT32, INT8, BFLOAT16 = Precision.FLOAT32, Precision.INT8, Precision.BFLOAT16


def variant(
    precision: Precision, seconds: float, f1: float = 0.8, ap: float = 0.7, *needs: ProcessorFeature
) -> Variant:
    accuracy = Accuracy(0.9, ap, f1, 0.1)
    return Variant(precision, ONNX_RUNTIME, "file", "digest", (0.5,), accuracy, seconds, needs)


REFERENCE = variant(FLOAT32, 2.0)


@pytest.mark.parametrize(
    ("others", "features", "wanted", "chosen"),
    [
        ([variant(INT8, 1.0)], [], None, INT8),
        ([variant(INT8, 3.0)], [], None, FLOAT32),  # it is slower
        ([variant(INT8, 1.0, f1=0.795)], [], None, INT8),
        ([variant(INT8, 1.0, f1=0.794)], [], None, FLOAT32),
        ([variant(INT8, 1.0, ap=0.694)], [], None, FLOAT32),
        ([variant(INT8, 1.0, 0.9, 0.9)], [], None, INT8),
        ([variant(INT8, 1.0, 0.8, 0.7, VNNI)], [], None, FLOAT32),
        ([variant(INT8, 1.0, 0.8, 0.7, VNNI)], [VNNI], None, INT8),
        ([variant(INT8, 1.0), variant(BFLOAT16, 0.5)], [], None, BFLOAT16),
        ([variant(INT8, 1.0)], [], FLOAT32, FLOAT32),
        ([variant(INT8, 3.0, f1=0.1)], [], INT8, INT8),  # wanted, whatever it costs
        ([variant(INT8, 1.0, 0.8, 0.7, VNNI)], [], INT8, FLOAT32),  # but not wrongly computed
        ([variant(INT8, 1.0)], [], BFLOAT16, FLOAT32),
    ],
)
def test_the_fastest_that_costs_little_is_chosen(
    others: list[Variant],
    features: list[ProcessorFeature],
    wanted: Precision | None,
    chosen: Precision,
) -> None:
    found = choose_variant([REFERENCE, *others], features, wanted)
    assert found is not None
    assert found.precision is chosen


def test_a_runtime_that_is_not_there_is_not_chosen() -> None:
    other = Variant(BFLOAT16, "other", "file", "", (0.5,), REFERENCE.accuracy, 0.1)
    assert choose_variant([REFERENCE, other], []) is REFERENCE
    assert choose_variant([REFERENCE, other], [], runtimes=[ONNX_RUNTIME, "other"]) is other


@pytest.mark.parametrize(("seconds", "runtime"), [(0.89, OPENVINO), (0.92, ONNX_RUNTIME)])
def test_a_second_runtime_must_be_a_tenth_faster(seconds: float, runtime: str) -> None:
    other = replace(variant(BFLOAT16, seconds), runtime=OPENVINO)
    runtimes = [ONNX_RUNTIME, OPENVINO]
    found = choose_variant([REFERENCE, variant(INT8, 1.0), other], [], runtimes=runtimes)
    assert found is not None
    assert found.runtime == runtime


def test_models_of_before_have_nothing_to_choose() -> None:
    assert choose_variant([], [VNNI], INT8) is None


@pytest.mark.parametrize(
    ("machine", "text", "expected"),
    [
        ("x86_64", "flags\t\t: fpu avx512_vnni sse\n", {VNNI}),
        ("x86_64", "flags\t\t: fpu avx_vnni amx_bf16\n", {VNNI, ProcessorFeature.BFLOAT16}),
        ("x86_64", "model name\t: Old\nflags\t\t: fpu avx2\nflags\t\t: avx_vnni\n", set()),
        ("x86_64", None, set()),
        ("aarch64", "Features\t: fp asimd\n", {VNNI}),
    ],
)
def test_a_processor_is_known_by_its_flags(
    machine: str, text: str | None, expected: set[ProcessorFeature], tmp_path: Path
) -> None:
    described = tmp_path / "cpuinfo"
    if text is not None:
        described.write_text(text)
    assert processor_features(machine, described) == expected
