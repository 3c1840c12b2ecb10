"""The exported scripts, in a process without Lensmith, find what the predictor finds."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image
from tests.support.artefacts import average_colour, convolved_colour, fixed_boxes, with_int8
from tests.support.exported_model import Found, found_by_script, unpack

from lensmith.domain.label import Detection
from lensmith.domain.precision import ExportFormat
from lensmith.inference.artefact import Preprocessing, Resampler, Resize, Task
from lensmith.inference.export.archive import SCRIPTS, archive
from lensmith.inference.predictor import Predictor

RANDOM = np.random.default_rng(5)


CONFIDENCE = 1e-4  # of which the script prints four digits
INKS = 5e-3  # which become colours in two ways

MOST_LINES = 30  # the script has the story, picture.py the pixels


def picture(
    width: int, height: int, mode: str = "RGB", kind: str = "PNG", orientation: int = 1
) -> bytes:
    """Coarse noise, so that what is cut off and what is upright matters."""
    noise = RANDOM.integers(0, 256, (6, 8, 3), np.uint8)
    image = Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 250)
    elif mode == "LA":
        image.putalpha(image.convert("L"))
        image = image.convert("LA")
    image = image if mode == "I;16" else image.convert(mode)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    file = io.BytesIO()
    image.save(file, kind, exif=exif)
    return file.getvalue()


PICTURES = {
    "wide.png": picture(300, 90),
    "tall.jpg": picture(150, 400, kind="JPEG"),
    "large.jpg": picture(1600, 1200, kind="JPEG"),
    "large-turned.jpg": picture(1500, 1100, kind="JPEG", orientation=8),
    "turned.jpg": picture(320, 180, kind="JPEG", orientation=6),
    "mirrored.png": picture(120, 200, orientation=7),
    "opaque.png": picture(200, 200, "RGBA"),
    "glass.png": picture(200, 180, "LA"),
    "deep.png": picture(160, 120, "I;16"),
    "palette.png": picture(100, 130, "P"),
    "grey.png": picture(128, 96, "L"),
    "print.jpg": picture(128, 96, "CMYK", "JPEG"),
}


def exported(directory: Path, folder: Path) -> dict[str, list[Found]]:
    unpack(b"".join(archive(directory)), folder)
    return found_by_script(folder, PICTURES)


def predicted(directory: Path) -> dict[str, list[Detection]]:
    """What reaches its label's threshold, best first."""
    predictor = Predictor.open(directory, threads=1)
    found = {}
    for name, data in PICTURES.items():
        prediction = predictor.predict(data)
        found[name] = [
            detection
            for detection in prediction.detections
            if detection.confidence >= prediction.thresholds[detection.name]
        ]
    return found


def edges(detection: Detection) -> tuple[float, ...]:
    box = detection.box
    return () if box is None else (box.left, box.top, box.left + box.width, box.top + box.height)


def compare(found: dict[str, list[Found]], expected: dict[str, list[Detection]]) -> None:
    for name, detections in expected.items():
        assert [each[0] for each in found[name]] == [each.name for each in detections], name
        for (_, confidence, box), detection in zip(found[name], detections, strict=True):
            bound = INKS if name == "print.jpg" else CONFIDENCE
            assert confidence == pytest.approx(detection.confidence, abs=bound), name
            assert box == pytest.approx(edges(detection), abs=1e-4)


@pytest.mark.parametrize("resampler", Resampler)
@pytest.mark.parametrize("resize", Resize)
def test_classification(resize: Resize, resampler: Resampler, tmp_path: Path) -> None:
    artefact = average_colour(tmp_path / "model")
    preprocessing = Preprocessing(resize, crop=0.8, fill=90, resampler=resampler)
    replace(artefact, thresholds=(0.0, 0.4, 0.5), preprocessing=preprocessing).write(
        tmp_path / "model"
    )
    expected = predicted(tmp_path / "model")
    assert len({len(detections) for detections in expected.values()}) > 1
    compare(exported(tmp_path / "model", tmp_path), expected)


def test_int8(tmp_path: Path) -> None:
    convolved_colour(tmp_path / "model")
    with_int8(tmp_path / "model", (0.1, 0.4, 0.5))
    unpack(b"".join(archive(tmp_path / "model", ExportFormat.INT8)), tmp_path)
    compare(found_by_script(tmp_path, PICTURES), predicted(tmp_path / "model"))


@pytest.mark.parametrize("resize", Resize)
def test_detection(resize: Resize, tmp_path: Path) -> None:
    boxes = RANDOM.uniform(-0.2, 1.2, (60, 2, 2))
    boxes[:45] = np.sort(boxes[:45], axis=1)  # the others have no area
    scores = RANDOM.uniform(0, 1, (60, 3))
    artefact = fixed_boxes(
        tmp_path / "model", boxes.reshape(-1, 4).tolist(), scores.tolist(), ("a", "b", "c"), resize
    )
    preprocessing = Preprocessing(resize, crop=0.8)
    replace(artefact, thresholds=(0.4, 0.7, 1.0), preprocessing=preprocessing).write(
        tmp_path / "model"
    )
    expected = predicted(tmp_path / "model")
    assert {each.name for found in expected.values() for each in found} == {"a", "b"}
    compare(exported(tmp_path / "model", tmp_path), expected)


def test_at_most_a_hundred_boxes(tmp_path: Path) -> None:
    corners = [(x / 16, y / 16, (x + 1) / 16, (y + 1) / 16) for x in range(16) for y in range(16)]
    scores = RANDOM.uniform(0.6, 1, (256, 1)).tolist()
    fixed_boxes(tmp_path / "model", corners, scores, ("stone",))
    expected = predicted(tmp_path / "model")
    assert len(expected["wide.png"]) == 100
    compare(exported(tmp_path / "model", tmp_path), expected)


@pytest.mark.parametrize("task", Task)
def test_the_scripts_are_short(task: Task) -> None:
    assert len(SCRIPTS[task].read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("task", Task)
def test_openvino_finds_what_onnx_runtime_finds(tmp_path: Path, task: Task) -> None:
    if task is Task.CLASSIFICATION:
        replace(average_colour(tmp_path / "model"), thresholds=(0.1,) * 3).write(tmp_path / "model")
    else:
        fixed_boxes(tmp_path / "model", [[0.1, 0.2, 0.5, 0.6]], [[0.75]], ("part",))
    answers = []
    pictures = {"one.png": picture(640, 480)}
    for wanted in (ExportFormat.FLOAT32, ExportFormat.OPENVINO):
        folder = tmp_path / wanted
        unpack(b"".join(archive(tmp_path / "model", wanted)), folder)
        answers.append(found_by_script(folder, pictures))
    assert answers[0]["one.png"]
    assert answers[0] == answers[1]
