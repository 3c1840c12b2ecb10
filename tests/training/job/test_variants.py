"""The precisions of a trained model: calibrated on training pictures, each evaluated by itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.artefacts import average_colour, convolved_colour
from tests.training.job.training_bench import TrainingBench

from lensmith.domain.precision import Precision, ProcessorFeature
from lensmith.domain.project_version import VersionStatus
from lensmith.inference.artefact import Artefact
from lensmith.inference.predictor import Predictor
from lensmith.inference.processor import processor_features
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
    for wanted, threshold in ((Precision.FLOAT32, 0), (Precision.INT8, 1)):
        directory = trained(training_bench, convolved_colour, wanted)
        report = json.loads((directory / "evaluation.json").read_bytes())
        assert report["variant"] == wanted
        expected = Artefact.read(directory).variants[threshold].thresholds
        assert [label["threshold"] for label in report["labels"]] == list(expected)
        summary = json.loads((directory / "results/EvaluationResultSummary.json").read_bytes())
        metrics = {
            one["Label"]: one["Metrics"]["Threshold"] for one in summary["LabelEvaluationResults"]
        }
        assert sorted(metrics.values()) == sorted(expected)
