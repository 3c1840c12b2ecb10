"""Results as lines, read back by others' readers."""

from __future__ import annotations

import csv
import io
import json

import pytest

from lensmith.cli.detect.output import OutputFormat
from lensmith.cli.detect.result import Found, Moment, Result
from lensmith.domain.geometry import Box

BOLT = Found("bolt", 83.41299819946289, Box(0.25, 0.5, 0.5, 0.125))
ROSE = Found('a "rose", or\nnot', 12.5)
FRAME = Result("film.mp4", 640, 480, (BOLT, ROSE), Moment(75, 2.5))
EMPTY = Result("naïve name.jpg", 64, 64)
FAILED = Result("s3://bucket/broken.jpg", error="Cannot be read.")


def test_json_lines() -> None:
    text = "".join(map(OutputFormat.JSONL.lines, (FRAME, EMPTY, FAILED)))
    frame, empty, failed = map(json.loads, text.splitlines())
    assert frame == {
        "source": "film.mp4",
        "frame": 75,
        "seconds": 2.5,
        "width": 640,
        "height": 480,
        "detections": [
            {
                "name": "bolt",
                "confidence": 83.41299819946289,
                "box": {"left": 160, "top": 240, "width": 320, "height": 60},
                "ratios": {"left": 0.25, "top": 0.5, "width": 0.5, "height": 0.125},
            },
            {"name": ROSE.name, "confidence": 12.5},
        ],
    }
    assert empty == {"source": EMPTY.source, "width": 64, "height": 64, "detections": []}
    assert failed["error"] == "Cannot be read."


def test_csv_has_a_row_for_every_label_and_at_least_one() -> None:
    text = OutputFormat.CSV.header + "".join(map(OutputFormat.CSV.lines, (FRAME, EMPTY, FAILED)))
    bolt, rose, empty, failed = csv.DictReader(io.StringIO(text))
    assert bolt["frame"] == "75"
    assert float(bolt["confidence"]) == BOLT.confidence
    assert [float(bolt[name]) for name in ("left", "top", "box_width", "box_height")] == [
        *(160, 240, 320, 60)
    ]
    assert float(bolt["height_ratio"]) == 0.125
    assert (rose["name"], rose["left"]) == (ROSE.name, "")
    assert (empty["source"], empty["name"], empty["error"]) == (EMPTY.source, "", "")
    assert (failed["width"], failed["error"]) == ("", "Cannot be read.")


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (FRAME, 'film.mp4 at 2.50 s: bolt 83 %, a "rose", or?not 12 %\n'),
        (EMPTY, "naïve name.jpg: nothing\n"),
        (FAILED, "s3://bucket/broken.jpg: failed: Cannot be read.\n"),
        (Result("\x1b[2J.jpg", 64, 64), "?[2J.jpg: nothing\n"),
    ],
    ids=["frame", "nothing", "failed", "control characters"],
)
def test_text_is_one_line_that_cannot_steer_the_terminal(result: Result, line: str) -> None:
    assert OutputFormat.TEXT.lines(result) == line
