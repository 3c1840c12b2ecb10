from __future__ import annotations

import json
from typing import Any

import pytest

from lensmith.manifest.dataset.entry import DatasetLine, check_entry
from lensmith.manifest.labelling.agreement import agreement
from lensmith.manifest.labelling.image import MarkedBox
from lensmith.manifest.labelling.verified import (
    PredictedBox,
    PredictedImage,
    PredictedLabel,
    Verification,
    VerifiedAnswer,
    is_confirmed,
    match_boxes,
    verified_line,
)

REF = "s3://lab/img/a1.png"
BY = Verification("feedback/1f", "v2", "2026-11-30T10:00:00.000Z")


def predicted(*labels: str, boxes: tuple[PredictedBox, ...] = ()) -> PredictedImage:
    named = tuple(PredictedLabel(label, 80.5) for label in labels)
    return PredictedImage(200, 100, named, boxes)


def box(label: str, left: int, confidence: float = 90) -> PredictedBox:
    return PredictedBox(label, left, 10, 40, 40, confidence)


def marked(label: str, left: int) -> MarkedBox:
    return MarkedBox(label, left, 10, 40, 40)


def test_an_answer_confirms_only_what_the_model_said() -> None:
    assert is_confirmed(predicted("a", "b"), VerifiedAnswer(("b", "a")))
    assert not is_confirmed(predicted("a", "b"), VerifiedAnswer(("a",)))
    assert not is_confirmed(predicted(), VerifiedAnswer(("a",)))
    boxes = (box("cup", 10), box("cup", 100))
    same = (marked("cup", 100), marked("cup", 10))
    assert is_confirmed(predicted(boxes=boxes), VerifiedAnswer((), same))
    assert not is_confirmed(predicted(boxes=boxes), VerifiedAnswer((), same[:1]))
    assert is_confirmed(predicted(), VerifiedAnswer(nothing_here=True))


def test_boxes_match_by_label_and_overlap_the_surest_first() -> None:
    boxes = [box("cup", 10, 50), box("cup", 12, 90), box("lid", 10, 70)]
    assert match_boxes(boxes, [marked("cup", 11), marked("lid", 60)]) == {0: boxes[1]}


def test_a_line_keeps_the_models_confidence_beside_the_answer() -> None:
    answer = VerifiedAnswer(("a", "c"), (marked("cup", 12), marked("cup", 120)))
    image = predicted("a", "b", boxes=(box("cup", 10, 75.25),))
    line: dict[str, Any] = json.loads(verified_line(REF, None, image, answer, BY))
    assert line["a-metadata"]["lensmith-prediction"] == {"version": "v2", "confidence": 80.5}
    assert line["c-metadata"]["lensmith-prediction"] == {"version": "v2", "confidence": None}
    boxes = line["bounding-box-metadata"]
    assert boxes["lensmith-prediction"] == {"version": "v2", "objects": [75.25, None]}
    for metadata in (line["a-metadata"], boxes):
        assert (metadata["job-name"], metadata["human-annotated"]) == ("feedback/1f", "yes")
        assert metadata["creation-date"] == BY.created
    checked = check_entry(json.dumps(line).encode())
    assert isinstance(checked, DatasetLine)
    assert (checked.has_errors, set(checked.labels)) == (False, {"a", "c", "cup"})


def test_a_line_of_a_dataset_keeps_its_other_keys() -> None:
    stored = json.dumps({"source-ref": REF, "batch": "A-17"}).encode()
    line = json.loads(verified_line(REF, stored, predicted("a"), VerifiedAnswer(("a",)), BY))
    assert (line["batch"], line["a"]) == ("A-17", 1)


def test_agreement_counts_what_people_kept_and_added() -> None:
    found = agreement(
        [
            (predicted("a"), VerifiedAnswer(("a",))),
            (predicted("a"), VerifiedAnswer(("b",))),
            (predicted("a", boxes=(box("cup", 10),)), None),
            (
                predicted(boxes=(box("cup", 10), box("cup", 90))),
                VerifiedAnswer((), (marked("cup", 14),)),
            ),
        ]
    )
    counted = {one.label: (one.predicted, one.kept, one.added) for one in found}
    assert counted == {"a": (3, 1, 0), "b": (0, 0, 1), "cup": (3, 1, 0)}
    first = found[0]
    # scipy.stats.binomtest(1, 3).proportion_ci(method="wilson")
    assert first.low == pytest.approx(0.0615, abs=1e-3)
    assert first.high == pytest.approx(0.7923, abs=1e-3)
