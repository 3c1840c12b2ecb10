from __future__ import annotations

import json
from typing import Any

from tests.manifest.lines import box, box_metadata, boxes, image_line

from lensmith.manifest.labelling.relabel import relabelled

REF = "s3://lab/img/a1.png"


def changed(line: dict[str, Any], label: str, other: str | None) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(relabelled(json.dumps(line).encode(), label, other))
    return result


def box_line() -> dict[str, Any]:
    return {
        "source-ref": REF,
        "parts": boxes(box(0), box(1), box("0")),
        "parts-metadata": box_metadata(
            3, ["bolt", "nut"], objects=[{"confidence": c} for c in (0.1, 0.2, 0.3)]
        ),
    }


def test_a_label_of_images_gets_another_name() -> None:
    line = changed(image_line("fog", "rain"), "fog", "mist")
    assert line["weather0-metadata"]["class-name"] == "mist"
    assert line["weather1-metadata"]["class-name"] == "rain"


def test_a_label_that_becomes_another_of_the_image_counts_once() -> None:
    line = changed(image_line("fog", "rain"), "fog", "rain")
    assert "weather0" not in line
    assert line["weather1-metadata"]["class-name"] == "rain"


def test_a_label_of_boxes_gets_another_name() -> None:
    line = changed(box_line(), "bolt", "screw")
    assert line["parts-metadata"]["class-map"] == {"0": "screw", "1": "nut"}
    assert line["parts"] == box_line()["parts"]


def test_a_label_that_goes_takes_its_boxes_along() -> None:
    line = changed(box_line(), "bolt", None)
    assert line["parts"]["annotations"] == [box(1)]
    assert line["parts-metadata"]["objects"] == [{"confidence": 0.2}]
    assert line["parts-metadata"]["class-map"] == {"1": "nut"}


def test_an_image_whose_last_label_goes_is_unlabelled_and_not_empty() -> None:
    only = changed(changed(box_line(), "bolt", None), "nut", None)
    assert only == {"source-ref": REF}
    assert changed(image_line("fog"), "fog", None) == {"source-ref": REF}


def test_other_lines_stay_as_they_are() -> None:
    for line in (box_line(), image_line("fog"), {"source-ref": REF}):
        assert changed(line, "snow", "ice") == line
        assert changed(line, "snow", None) == line
