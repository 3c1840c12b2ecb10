"""Multi-label Ground Truth output to drafts."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from lensmith.manifest.convert.draft import Draft, Problem, ProblemKind
from lensmith.manifest.convert.multi_label import read_ground_truth
from lensmith.manifest.dataset.entry import DatasetLine, check_entry

_METADATA: dict[str, Any] = {
    "class-map": {"1": "bicycle", "0": "car", "8": "tram"},
    "confidence-map": {"1": 0.95, "0": 0.6, "8": 0.5},
    "type": "groundtruth/image-classification-multilabel",
    "job-name": "labeling-job/street",
    "human-annotated": "yes",
    "creation-date": "2024-02-03T04:05:06.000007",
}


def read(line: object) -> list[Draft | Problem]:
    return list(read_ground_truth(json.dumps(line).encode(), "line 1"))


def multi_label(ids: list[int], **changes: Any) -> dict[str, Any]:
    return {
        "source-ref": "s3://lab/a.jpg",
        "street": ids,
        "street-metadata": _METADATA | changes,
    }


def test_each_class_becomes_an_attribute() -> None:
    (draft,) = read(multi_label([1, 0, 8]) | {"weather": "fog"})
    assert isinstance(draft, Draft)
    assert list(draft.attributes) == [
        "weather",
        "street0",
        "street0-metadata",
        "street1",
        "street1-metadata",
        "street2",
        "street2-metadata",
    ]
    assert draft.attributes["street2"] == 2
    assert draft.attributes["street2-metadata"] == {
        "class-name": "tram",
        "confidence": 0.5,
        "type": "groundtruth/image-classification",
        "job-name": "labeling-job/street",
        "human-annotated": "yes",
        "creation-date": "2024-02-03T04:05:06.000007",
    }
    line = check_entry(msgspec.json.encode({"source-ref": draft.image, **draft.attributes}))
    assert isinstance(line, DatasetLine)
    assert not line.has_errors


def test_no_class_gives_an_unlabelled_line() -> None:
    assert read(multi_label([])) == [Draft("s3://lab/a.jpg", {})]


def test_a_class_without_name_is_named() -> None:
    problem, draft = read(multi_label([7, 1]))
    assert problem == Problem(ProblemKind.NOT_A_LABEL, "line 1, class 7 of street")
    assert isinstance(draft, Draft)
    assert draft.attributes["street1-metadata"]["class-name"] == "bicycle"


def test_other_attributes_stay_and_what_the_service_wrote_goes() -> None:
    weather = {"class-name": "fog", "confidence": 1, "type": "groundtruth/image-classification"}
    line = {
        "source-ref": "S3://lab/a.jpg",
        "weather": 1,
        "weather-metadata": weather | {"errors": [{"code": "X"}]},
        "cl-metadata": {"is_labeled": True},
        "note": {"kept": [1.5, 2**60]},
    }
    assert read(line) == [
        Draft(
            "S3://lab/a.jpg",
            {"weather": 1, "weather-metadata": weather, "note": {"kept": [1.5, 2**60]}},
        )
    ]


@pytest.mark.parametrize("job", ["label-verification", "semantic-segmentation"])
def test_sets_of_other_jobs_are_named_and_the_line_stays(job: str) -> None:
    weather = {"class-name": "fog", "confidence": 1, "type": "groundtruth/image-classification"}
    line = {"source-ref": "s3://lab/a.jpg", "weather": 1, "weather-metadata": weather}
    other = {"check": 0, "check-metadata": {"type": f"groundtruth/{job}", "class-name": "good"}}
    assert read({**line, **other}) == [
        Problem(ProblemKind.OTHER_JOB, "line 1, check"),
        Draft("s3://lab/a.jpg", {"weather": 1, "weather-metadata": weather}),
    ]


@pytest.mark.parametrize("line", [[], {}, 1, {"source-ref": 1}, {"source-ref": "https://a/b"}])
def test_other_lines_are_named(line: object) -> None:
    assert read(line) == [Problem(ProblemKind.NOT_A_LINE, "line 1")]
