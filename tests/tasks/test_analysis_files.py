"""Results of analysed folders: what an interruption leaves, CSV, manifest."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from lensmith.manifest.convert.label_attributes import Origin
from lensmith.tasks.analysis_files import (
    Analysed,
    Detected,
    PixelPlace,
    ResultLog,
    write_csv,
    write_manifest,
)

BOXED = Analysed(
    "s3://b/boxed.png", 100, 50, (Detected("cup, blue", 91.5, PixelPlace(1.4, 2.6, 30.0, 20.0)),)
)
WHOLE = Analysed("s3://b/whole.png", 64, 64, (Detected("red", 80.0), Detected("green", 60.0)))
EMPTY = Analysed("s3://b/empty.png", 64, 64)
FAILED = Analysed("s3://b/text.png", error="InvalidImageFormatException")
RESULTS = (BOXED, WHOLE, EMPTY, FAILED)


def test_a_line_cut_short_is_written_again(tmp_path: Path) -> None:
    path = tmp_path / "job" / "results.jsonl"
    log = ResultLog(path)
    log.append(WHOLE)
    log.append(BOXED)
    log.sync()
    log.close()
    path.write_bytes(path.read_bytes()[:-7])
    again = ResultLog(path)
    assert again.known == {WHOLE.source}
    for result in (BOXED, EMPTY, FAILED):
        again.append(result)
    again.sync()
    again.close()
    assert list(again.results()) == [WHOLE, BOXED, EMPTY, FAILED]
    tally = again.tally
    assert (tally.images, tally.detections, tally.failed_total) == (4, 3, 1)
    assert {(each.name, each.images, each.detections) for each in tally.labels()} == {
        ("red", 1, 1),
        ("green", 1, 1),
        ("cup, blue", 1, 1),
    }


def test_csv_has_a_row_for_each_detection_and_for_images_without(tmp_path: Path) -> None:
    write_csv(RESULTS, tmp_path / "r.csv")
    rows = list(csv.DictReader((tmp_path / "r.csv").read_text().splitlines()))
    assert [(row["source"], row["name"], row["confidence"], row["left"]) for row in rows] == [
        ("s3://b/boxed.png", "cup, blue", "91.5", "1.4"),
        ("s3://b/whole.png", "red", "80.0", ""),
        ("s3://b/whole.png", "green", "60.0", ""),
        ("s3://b/empty.png", "", "", ""),
        ("s3://b/text.png", "", "", ""),
    ]
    assert rows[-1]["error"] == "InvalidImageFormatException"


def test_the_manifest_says_that_a_model_labelled_it(tmp_path: Path) -> None:
    write_manifest(RESULTS, tmp_path / "m", Origin("2026-11-30T00:00:00", "analysis/v1"))
    boxed, whole, empty = map(json.loads, (tmp_path / "m").read_text().splitlines())
    assert boxed["bounding-box"]["annotations"] == [
        {"class_id": 0, "left": 1, "top": 3, "width": 30, "height": 20}
    ]
    metadata = boxed["bounding-box-metadata"]
    assert metadata["objects"] == [{"confidence": 0.915}]
    assert metadata["class-map"] == {"0": "cup, blue"}
    assert metadata["human-annotated"] == whole["red-metadata"]["human-annotated"] == "no"
    assert whole["green-metadata"]["confidence"] == 0.6
    assert empty == {"source-ref": "s3://b/empty.png"}
