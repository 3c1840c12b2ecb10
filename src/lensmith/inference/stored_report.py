"""Reads the training report of a model.json, also of models that were trained before its layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from lensmith.domain.training_report import (
    BUNDLED,
    Choice,
    ClassifierTraining,
    DetectorTraining,
    EndReason,
    Method,
    TrainingReport,
    Trial,
)

T = TypeVar("T")
_COMMON = (
    "seed",
    "device",
    "budget_seconds",
    "seconds",
    "labels",
    "training_images",
    "testing_images",
    "f1_score",
    "average_precision",
    "expected_calibration_error",
)
_ENDINGS = {
    "all iterations of the recipe": EndReason.ALL_ITERATIONS,
    "the training pictures are learnt": EndReason.LEARNT,
    "the time is used up": EndReason.OUT_OF_TIME,
}
_METHODS = {
    "prototypes": Method.PROTOTYPES,
    "regression": Method.REGRESSION,
    "fine-tuning": Method.FINE_TUNING,
    "full fine-tuning": Method.FULL_FINE_TUNING,
}


def stored_report(stored: object) -> TrainingReport:
    """Convert a report as it was stored; facts that cannot be read are left out.

    A model serves whatever its report says, so nothing is raised.
    """
    if not isinstance(stored, Mapping):
        return TrainingReport()
    if "layout" in stored:
        return _converted(stored, TrainingReport) or TrainingReport()
    return _of_an_older_model(stored)


def _of_an_older_model(stored: Mapping[str, Any]) -> TrainingReport:
    """Keep codes and numbers; drop the sentences that older models hold."""
    facts = {name: stored[name] for name in _COMMON if name in stored}
    is_accuracy = stored.get("score") == "accuracy"
    chosen = _trial(stored.get("chosen"), is_accuracy=is_accuracy)
    return replace(
        _converted(facts, TrainingReport) or TrainingReport(),
        layout=0,
        trials=tuple(_trials(stored.get("tried"), is_accuracy=is_accuracy)),
        choice=Choice(chosen) if chosen else None,
        classifier=_classifier(stored),
        detector=_detector(stored),
    )


def _trials(rows: object, *, is_accuracy: bool) -> Iterator[Trial]:
    for row in rows if isinstance(rows, list) else ():
        if (trial := _trial(row, is_accuracy=is_accuracy)) is not None:
            yield trial


def _trial(row: object, *, is_accuracy: bool) -> Trial | None:
    if not isinstance(row, Mapping):
        return None
    method, _, strength = str(row.get("method", "")).partition(", C ")
    facts = {
        "candidate": row.get("backbone", row.get("detector")),
        "method": _METHODS.get(method),
        "strength": _number(strength),
        "log_loss": row.get("log_loss"),
        "standard_error": row.get("spread"),
        "average_precision": row.get("average_precision"),
        "folds": row.get("folds"),
        "pictures": row.get("pictures"),
        "seconds": row.get("seconds"),
    }
    if "score" in row:
        facts["accuracy" if is_accuracy else "average_precision"] = row["score"]
    return _converted(facts, Trial)


def _classifier(stored: Mapping[str, Any]) -> ClassifierTraining | None:
    if "labels_exclude_each_other" not in stored:
        return None
    chosen = stored.get("chosen")
    facts = {
        "exclusive": stored["labels_exclude_each_other"],
        "min_pictures_a_label": stored.get("fewest_pictures_a_label"),
        "max_pictures_a_label": stored.get("most_pictures_a_label"),
    }
    if isinstance(chosen, Mapping):
        facts |= {name: chosen[name] for name in ("temperature", "views") if name in chosen}
    return _converted(facts, ClassifierTraining)


def _detector(stored: Mapping[str, Any]) -> DetectorTraining | None:
    recipe = stored.get("recipe")
    if "iterations" not in stored or not isinstance(recipe, Mapping):
        return None
    facts = {
        "recipe": {**recipe, "input_size": recipe.get("frame")},
        "iterations": stored["iterations"],
        "loss": stored.get("loss"),
        "ending": _ENDINGS.get(str(stored.get("stopped"))),
        "detector": stored.get("detector", BUNDLED),
        "recall": stored.get("found"),
        "held_out": stored.get("held_out"),
        "calibration": stored.get("calibration"),
        "logos": stored.get("brand", False),
    }
    return _converted(facts, DetectorTraining)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _converted(facts: object, kind: type[T]) -> T | None:
    try:
        return msgspec.convert(facts, kind)
    except msgspec.ValidationError:
        return None
