from __future__ import annotations

import json
from typing import Any

import pytest
from tests.manifest.lines import box, box_metadata, boxes, image_line, image_metadata

from lensmith.manifest.dataset.entry import DatasetLine, check_entry, manifest_line
from lensmith.manifest.labelling.edit import EditError, Marks, edited_line, new_line
from lensmith.manifest.labelling.image import LabelledImage, MarkedBox, read_image

REF = "s3://lab/img/a1.png"
NOW = "2026-11-29T10:00:00.000Z"


def stored(line: dict[str, Any]) -> DatasetLine:
    checked = check_entry(json.dumps(line).encode())
    assert isinstance(checked, DatasetLine)
    return checked


def edited(line: dict[str, Any], marks: Marks) -> tuple[dict[str, Any], LabelledImage]:
    """The new line, and what a dataset shows of it."""
    before = stored(line)
    text = edited_line(manifest_line(before.text), read_image(before.text), marks)
    return json.loads(text), read_image(stored(json.loads(text)).text)


def box_line() -> dict[str, Any]:
    return {
        "source-ref": REF,
        "parts": boxes(box(7, 10.4, 20, 90, 40), box(3, 100, 100, 50, 50)),
        "parts-metadata": box_metadata(2, class_map={"7": "bolt", "3": "nut"}),
        "weather": 1,
        "weather-metadata": image_metadata("fog"),
        "batch": "A-17",
    }


def test_a_new_image_without_labels_is_a_bare_line() -> None:
    assert json.loads(new_line(REF, Marks())) == {"source-ref": REF}


def test_labels_are_written_as_attributes_of_their_names() -> None:
    line = json.loads(new_line(REF, Marks(("fog", "source-ref"), created=NOW)))
    assert list(line) == [
        "source-ref",
        "fog",
        "fog-metadata",
        "label_source-ref",
        "label_source-ref-metadata",
    ]
    assert line["fog-metadata"]["creation-date"] == NOW
    assert stored(line).labels == {"fog": False, "source-ref": False}


def test_boxes_are_one_attribute() -> None:
    marks = Marks(boxes=(MarkedBox("bolt", 1, 2, 30, 40),), size=(800, 600), created=NOW)
    line = json.loads(new_line(REF, marks))
    assert line["bounding-box"]["image_size"] == [{"width": 800, "height": 600, "depth": 3}]
    assert line["bounding-box"]["annotations"] == [
        {"class_id": 0, "left": 1, "top": 2, "width": 30, "height": 40}
    ]
    assert line["bounding-box-metadata"]["class-map"] == {"0": "bolt"}
    assert read_image(stored(line).text).boxes == marks.boxes


def test_nothing_here_is_a_box_attribute_without_boxes() -> None:
    line = json.loads(new_line(REF, Marks(nothing_here=True, size=(800, 600), created=NOW)))
    assert line["bounding-box"]["annotations"] == []
    kept = stored(line)
    assert not kept.has_errors
    assert not kept.is_labeled
    assert read_image(kept.text).nothing_here


def test_a_bare_line_says_nothing_of_its_image() -> None:
    assert not read_image(stored({"source-ref": REF}).text).nothing_here


@pytest.mark.parametrize(
    ("marks", "code"),
    [
        (Marks(nothing_here=True), "MISSING_IMAGE_SIZE"),
        (Marks(boxes=(MarkedBox("bolt", 1, 2, 30, 40),)), "MISSING_IMAGE_SIZE"),
        (Marks(("fog",), nothing_here=True, size=(800, 600)), "NOTHING_HERE_WITH_LABELS"),
    ],
)
def test_what_cannot_be_written_is_refused_by_code(marks: Marks, code: str) -> None:
    with pytest.raises(EditError) as caught:
        new_line(REF, marks)
    assert caught.value.code == code


def test_labels_that_stay_keep_their_attributes() -> None:
    before = image_line("fog", "rain")
    line, _ = edited(before, Marks(("rain", "snow"), created=NOW))
    assert "weather0" not in line
    assert line["weather1-metadata"] == before["weather1-metadata"]
    assert line["snow-metadata"]["class-name"] == "snow"


def test_a_line_is_not_touched_where_nothing_changed() -> None:
    before = box_line()
    seen = read_image(stored(before).text)
    line, _ = edited(before, Marks(seen.image_labels, seen.boxes, size=seen.size))
    assert line == before


def test_an_edited_box_keeps_names_numbers_further_keys_and_its_neighbours() -> None:
    before = box_line()
    seen = read_image(stored(before).text)
    moved = MarkedBox("nut", 110, 100, 50, 50)
    fresh = MarkedBox("washer", 5, 5, 20, 20)
    marks = Marks(("fog",), (seen.boxes[0], moved, fresh), size=(800, 600), created=NOW)
    line, after = edited(before, marks)
    assert line["batch"] == "A-17"
    assert line["weather-metadata"] == before["weather-metadata"]
    assert line["parts"]["annotations"] == [
        box(7, 10.4, 20, 90, 40),
        box(3, 110, 100, 50, 50),
        box(8, 5, 5, 20, 20),
    ]
    metadata = line["parts-metadata"]
    assert metadata["class-map"] == {"7": "bolt", "3": "nut", "8": "washer"}
    assert metadata["creation-date"] == NOW
    assert metadata["job-name"] == "labeling-job/parts"
    assert after.boxes == marks.boxes
    assert not after.errors


def test_boxes_taken_away_take_their_attribute_along_unless_nothing_is_here() -> None:
    line, after = edited(box_line(), Marks(("fog",)))
    assert "parts" not in line
    assert not after.nothing_here
    line, after = edited(box_line(), Marks(nothing_here=True, created=NOW))
    assert line["parts"]["annotations"] == []
    assert line["parts-metadata"]["class-map"] == {}
    assert after.nothing_here


def test_a_faulty_line_is_mended_by_what_a_person_gives() -> None:
    faulty = box_line()
    faulty["parts"] = boxes(box(7, 10, 20, 0.5, 40))
    faulty["weather-metadata"]["confidence"] = 7
    assert read_image(stored(faulty).text).errors
    marks = Marks(("fog",), (MarkedBox("bolt", 10, 20, 30, 40),), size=(800, 600), created=NOW)
    _, after = edited(faulty, marks)
    assert after.errors == ()
    assert after.boxes == marks.boxes
    assert after.image_labels == ("fog",)


def test_boxes_of_several_attributes_become_one() -> None:
    before = box_line()
    before["more"] = boxes(box(0, 20, 20, 40, 40), width=400, height=300)
    before["more-metadata"] = box_metadata(1, ["screw"])
    seen = read_image(stored(before).text)
    assert seen.boxes[2] == MarkedBox("screw", 40, 40, 80, 80)
    line, after = edited(before, Marks(("fog",), seen.boxes[1:], size=seen.size, created=NOW))
    assert "more" not in line
    assert after.boxes == seen.boxes[1:]
