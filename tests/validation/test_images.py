"""Hostile images at training: ERROR_INVALID_IMAGE or read, never a crash or a hang."""

from __future__ import annotations

import pytest
from tests.manifest.lines import image_line
from tests.validation.hostile_images import INVALID, SOUND
from tests.validation.service import Training, ValidatingService

NAMES = [*INVALID, *SOUND]


@pytest.fixture(scope="module")
def training(service: ValidatingService) -> Training:
    """One training that looks at all of them, among enough good lines."""
    made = {**INVALID, **SOUND}
    lines = [
        image_line(name, image=service.put_image(f"hostile/{name}", made[name]())) for name in NAMES
    ]
    good = [image_line("fog", image=service.image())] * (4 * len(INVALID))
    return service.train([*lines, *good], [image_line("fog", image=service.image())])


@pytest.mark.parametrize("name", INVALID)
def test_error_invalid_image(name: str, training: Training) -> None:
    line = training.training_lines[NAMES.index(name)]
    message = "The image is invalid. Check S3 path and/or image properties."
    assert line["errors"] == [{"code": "ERROR_INVALID_IMAGE", "message": message}]


@pytest.mark.parametrize("name", SOUND)
def test_an_odd_image_is_read(name: str, training: Training) -> None:
    line = training.training_lines[NAMES.index(name)]
    assert "errors" not in line


def test_the_training_went_on(training: Training) -> None:
    """It fails for another reason, which comes after the images."""
    assert training.verdict == ("TRAINING_FAILED", "The manifest file has too few labels.")
    statistics = training.summary["statistics"]["training"]
    assert statistics["invalid_json_lines"] == len(INVALID)
    assert statistics["error_json_line_indices"] == list(range(1, len(INVALID) + 1))


NOWHERE = [
    "s3://{bucket}/nowhere.png",
    "s3://{bucket}/../{bucket}/good.png",
    "s3://{bucket}/" + "k" * 1024,
    "s3://{bucket}/good.png?versionId=none",
    "S3://{bucket}/Good.PNG",
]


def test_error_invalid_image_where_no_object_is(service: ValidatingService) -> None:
    lines = [image_line("fog", image=ref.format(bucket=service.bucket)) for ref in NOWHERE]
    good = [image_line("fog", image=service.image())] * (4 * len(lines))
    training = service.train([*lines, *good], good)
    told = [line.get("errors", [{}])[0].get("code") for line in training.training_lines]
    assert told == ["ERROR_INVALID_IMAGE"] * len(lines) + [None] * len(good)
