"""The edge of the frame, with the noise of floats."""

from __future__ import annotations

import json

import pytest

from lensmith.manifest.dataset.entry import DatasetLine, check_entry
from lensmith.manifest.line.box_rules import fault_of
from lensmith.manifest.line.finding import Code


@pytest.mark.parametrize(
    "box", [(-1e-14, 10, 50, 50), (10, -9e-7, 50, 50), (270 + 1e-7, 10, 50, 50), (0, 190, 9, 50)]
)
def test_noise_is_tolerated_on_all_sides(box: tuple[float, float, float, float]) -> None:
    assert fault_of(*box, 320, 240) is None
    annotation = dict(zip(("left", "top", "width", "height"), box, strict=True))
    line = {
        "source-ref": "s3://shop/a.jpg",
        "bb": {
            "image_size": [{"width": 320, "height": 240, "depth": 3}],
            "annotations": [{"class_id": 0, **annotation}],
        },
        "bb-metadata": {
            "objects": [{"confidence": 1}],
            "class-map": {"0": "bolt"},
            "type": "groundtruth/object-detection",
            "human-annotated": "yes",
            "creation-date": "2024-02-03T04:05:06",
            "job-name": "labeling-job/j",
        },
    }
    checked = check_entry(json.dumps(line).encode())
    assert isinstance(checked, DatasetLine)
    assert not checked.has_errors


@pytest.mark.parametrize(
    "box", [(-2e-6, 10, 50, 50), (10, -1, 50, 50), (270.1, 10, 50, 50), (0, 191, 9, 50)]
)
def test_more_is_a_fault(box: tuple[float, float, float, float]) -> None:
    assert fault_of(*box, 320, 240) is Code.ERROR_INVALID_BOUNDING_BOX
