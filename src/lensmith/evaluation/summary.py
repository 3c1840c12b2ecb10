"""The evaluation summary file (evaluation.md 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from lensmith.evaluation.boxes import Floats
from lensmith.evaluation.evaluation import Evaluation, LabelEvaluation


@dataclass(frozen=True, slots=True)
class EvaluatedVersion:
    """Facts about a version that the summary holds besides its scores."""

    arn: str
    training_images: int  # actually used, not lines of the manifest
    testing_images: int
    ended: datetime  # UTC


def encode_summary(evaluation: Evaluation, version: EvaluatedVersion) -> bytes:
    """Encode the content of EvaluationResultSummary-<project>-<version>.json."""
    ranked = sorted(evaluation.labels, key=lambda one: (-one.counts.f1_score, one.label))
    return msgspec.json.encode(
        {
            "Version": 1,
            "AggregatedEvaluationResults": _aggregate(evaluation),
            "EvaluationDetails": _details(evaluation, version),
            "LabelEvaluationResults": [_label_result(one) for one in ranked],
        }
    )


def timestamp(moment: datetime) -> str:
    """Format UTC with microseconds and no zone, as evaluation files carry it."""
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds")


def _aggregate(evaluation: Evaluation) -> dict[str, Any]:
    means = {
        "F1Score": evaluation.f1_score,
        "Precision": evaluation.precision,
        "Recall": evaluation.recall,
    }
    if evaluation.confusion is not None:
        return {"ConfusionMatrix": _cells(evaluation, evaluation.confusion), **means}
    return {
        "AveragePrecision": evaluation.average_precision,
        "AverageRecall": evaluation.average_recall,
        **means,
    }


def _cells(evaluation: Evaluation, confusion: Floats) -> list[dict[str, Any]]:
    """List every ordered pair of labels once, zeros included."""
    names = [one.label for one in evaluation.labels]
    order = sorted(range(len(names)), key=names.__getitem__)
    return [
        {
            "GroundTruthLabel": names[truth],
            "PredictedLabel": names[predicted],
            "Value": float(confusion[truth, predicted]),
        }
        for truth in order
        for predicted in order
    ]


def _details(evaluation: Evaluation, version: EvaluatedVersion) -> dict[str, Any]:
    return {
        "EvaluationEndTimestamp": timestamp(version.ended),
        "Labels": sorted(one.label for one in evaluation.labels),
        "NumberOfTestingImages": version.testing_images,
        "NumberOfTrainingImages": version.training_images,
        "ProjectVersionArn": version.arn,
    }


def _label_result(one: LabelEvaluation) -> dict[str, Any]:
    return {
        "Label": one.label,
        "Metrics": {
            "F1Score": one.counts.f1_score,
            "Precision": one.counts.precision,
            "Recall": one.counts.recall,
            "Threshold": one.threshold,
        },
        "NumberOfTestingImages": one.test_images,
    }
