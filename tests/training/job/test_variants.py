"""The precisions of a trained model: calibrated on training pictures, each evaluated by itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import onnx
import pytest
from tests.support.artefacts import average_colour, convolved_colour
from tests.training.job.training_bench import TrainingBench

from lensmith.domain.precision import Precision, ProcessorFeature
from lensmith.domain.project_version import VersionStatus
from lensmith.inference.artefact import Artefact
from lensmith.inference.choice import runtimes_here
from lensmith.inference.predictor import Predictor
from lensmith.inference.processor import processor_features
from lensmith.inference.variant import ONNX_RUNTIME, OPENVINO, Variant, cost_of
from lensmith.store.published.model import local_folder
from lensmith.training.data.example import Example


def trained(
    training_bench: TrainingBench, network: Any, precision: Precision | None = None
) -> Path:
    """Train with a network whose answers are known; the folder of the installed model."""

    def fit(_given: Sequence[Example], _labels: Sequence[str], directory: Path, *_: Any) -> None:
        network(directory)

    settings = replace(training_bench.settings, precision=precision)
    bench = replace(training_bench, trainer=fit, settings=settings)
    bucket, output = bench.new_bucket(), bench.new_bucket()
    train = bench.labelled_lines(bucket, 9, "train/")
    test = bench.labelled_lines(bucket, 6, "test/")
    ended = bench.run(bench.queue_snapshot(train, test, output=output))
    assert ended.status is VersionStatus.TRAINING_COMPLETED
    return local_folder(bench.settings, ended)


def of_onnx_runtime(artefact: Artefact) -> list[Variant]:
    return [one for one in artefact.variants if one.runtime == ONNX_RUNTIME]


def test_each_precision_is_described_as_it_was_evaluated(training_bench: TrainingBench) -> None:
    directory = trained(training_bench, convolved_colour)
    artefact = Artefact.read(directory)
    float32, int8 = artefact.variants
    assert (float32.precision, int8.precision) == (Precision.FLOAT32, Precision.INT8)
    assert (float32.file, int8.file) == ("model.onnx", "model-int8.onnx")
    for variant in artefact.variants:
        content = (directory / variant.file).read_bytes()
        assert variant.digest == hashlib.sha256(content).hexdigest()
        assert variant.accuracy.f1_score == 1.0
        assert variant.accuracy.average_precision == pytest.approx(1.0)
        assert variant.seconds > 0
    assert float32.thresholds == artefact.thresholds
    is_exact = ProcessorFeature.VNNI in processor_features()
    assert (float32.needs, bool(int8.needs)) == ((), is_exact)
    served = Predictor.open(directory, precision=Precision.INT8)
    assert served.artefact.thresholds == int8.thresholds


def test_layers_that_8_bits_do_not_hold_stay_in_float32(training_bench: TrainingBench) -> None:
    directory = trained(training_bench, partial(convolved_colour, layers=12, louder=7))
    float32, int8 = of_onnx_runtime(Artefact.read(directory))
    assert cost_of(int8, float32).is_small
    content = (directory / int8.file).read_bytes()
    assert int8.digest == hashlib.sha256(content).hexdigest()
    model = onnx.load_from_string(content)
    sources = {output for node in model.graph.node for output in node.output}
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    in_int8 = [node.input[1] in sources for node in convolutions]
    assert in_int8 == [False] * 3 + [True] * 3 + [False] * 2 + [True] * 3 + [False]


@pytest.mark.skipif(
    ProcessorFeature.BFLOAT16 not in processor_features() or OPENVINO not in runtimes_here(),
    reason="no bfloat16, or no OpenVINO",
)
def test_openvino_is_evaluated_where_it_is_faster(training_bench: TrainingBench) -> None:
    directory = trained(training_bench, partial(average_colour, burden=1024))
    artefact = Artefact.read(directory)
    bfloat16 = next(one for one in artefact.variants if one.precision is Precision.BFLOAT16)
    assert (bfloat16.runtime, bfloat16.file) == (OPENVINO, "model.onnx")
    assert bfloat16.needs == (ProcessorFeature.BFLOAT16,)
    assert bfloat16.accuracy.f1_score == 1.0
    served = Predictor.open(directory, threads=1, precision=Precision.BFLOAT16)
    assert served.variant == bfloat16
    assert served.artefact.thresholds == bfloat16.thresholds


def test_a_network_that_cannot_be_quantised_has_float32_alone(
    training_bench: TrainingBench,
) -> None:
    directory = trained(training_bench, average_colour)
    (float32,) = Artefact.read(directory).variants
    assert float32.precision is Precision.FLOAT32
    assert not (directory / "model-int8.onnx").exists()


def test_where_float32_serves_nothing_is_quantised(training_bench: TrainingBench) -> None:
    directory = trained(training_bench, convolved_colour, Precision.FLOAT32)
    (float32,) = Artefact.read(directory).variants
    assert float32.precision is Precision.FLOAT32
    report = json.loads((directory / "evaluation.json").read_bytes())
    assert report["variant"] == "float32"
    assert not (directory / "model-int8.onnx").exists()


def test_results_are_about_the_variant_that_is_served(training_bench: TrainingBench) -> None:
    for wanted, number in ((Precision.FLOAT32, 0), (Precision.INT8, 1)):
        directory = trained(training_bench, convolved_colour, wanted)
        report = json.loads((directory / "evaluation.json").read_bytes())
        assert report["variant"] == wanted
        expected = of_onnx_runtime(Artefact.read(directory))[number].thresholds
        assert [label["threshold"] for label in report["labels"]] == list(expected)
        summary = json.loads((directory / "results/EvaluationResultSummary.json").read_bytes())
        metrics = {
            one["Label"]: one["Metrics"]["Threshold"] for one in summary["LabelEvaluationResults"]
        }
        assert sorted(metrics.values()) == sorted(expected)
