"""What a training is for (manifests.md 4.1 to 4.3), read from the manifest summary.

Each of these trainings fails afterwards, because its manifests share no label: nothing is fitted.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from tests.manifest.lines import Json, box, box_line, image_line
from tests.validation.service import Training, ValidatingService

IMAGES, BOXES = "IMAGE_LEVEL_LABELS", "OBJECT_LOCALIZATION"


@dataclass(frozen=True)
class Case:
    """Lines of either format: i image-level, b boxes, m both on one line, u unlabelled."""

    training: str
    testing: str
    use_case: str


CASES = {
    "boxes only": Case("bb", "bb", BOXES),
    "boxes, whatever the test set is": Case("bb", "ii", BOXES),
    "image-level only": Case("ii", "ii", IMAGES),
    "image-level, mixed test set": Case("ii", "ib", IMAGES),
    "brand: pictures to train, boxes to test": Case("ii", "bb", BOXES),
    "brand: unlabelled images do not matter": Case("iiu", "bbu", BOXES),
    "mixed, test set of boxes": Case("iiib", "b", BOXES),
    "mixed, test set of image-level labels": Case("ibbb", "i", IMAGES),
    "mixed, more image-level lines": Case("iib", "ib", IMAGES),
    "mixed, more lines with boxes": Case("ibb", "ib", BOXES),
    "mixed, a tie": Case("ib", "ib", BOXES),
    "mixed on one line, a tie": Case("m", "m", BOXES),
    "nothing labelled": Case("u", "b", "NOT_DETERMINED"),
}


def line(kind: str, side: str, number: int, image: str) -> Json:
    names = [f"{side}-{number}"]
    match kind:
        case "i":
            return image_line(*names, image=image)
        case "b":
            return box_line(box(), names=names, image=image)
        case "m":
            return {**image_line(*names, image=image), **box_line(box(), names=names, image=image)}
        case _:
            return {"source-ref": image}


@pytest.fixture(scope="module")
def trainings(service: ValidatingService) -> dict[str, Training]:
    """All of them are started before the first one is waited for."""
    image = service.image()

    def lines(kinds: str, side: str) -> list[Json]:
        return [line(kind, side, number, image) for number, kind in enumerate(kinds)]

    return {
        name: service.train(lines(case.training, "train"), lines(case.testing, "test"))
        for name, case in CASES.items()
    }


@pytest.mark.parametrize("name", CASES)
def test_use_case(name: str, trainings: dict[str, Training]) -> None:
    """Both blocks of the summary say the same."""
    training = trainings[name]
    assert training.verdict[0] == "TRAINING_FAILED"
    assert training.use_cases == {CASES[name].use_case}


def test_lines_of_the_other_format_stay_valid(trainings: dict[str, Training]) -> None:
    training = trainings["mixed, more lines with boxes"]
    assert training.summary["statistics"]["training"]["valid_json_lines"] == 3
