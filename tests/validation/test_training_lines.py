"""Lines in training validation (manifests.md 3.5, 3.6): in both validation manifests.

One training meets a line for every code, once as training and once as test manifest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from tests.manifest.lines import (
    Json,
    box,
    box_line,
    box_metadata,
    boxes,
    codes_by_place,
    encoded,
    image_line,
    image_metadata,
    without,
)
from tests.validation.faulty_lines import (
    DROPPED_BY_DATASETS,
    FOUND,
    KEPT_BY_DATASETS,
    MESSAGES,
    WARNINGS,
    Line,
    Make,
)
from tests.validation.service import Training, ValidatingService

KINDS: dict[str, Make] = {
    **DROPPED_BY_DATASETS,
    **KEPT_BY_DATASETS,
    "ERROR_INVALID_IMAGE": lambda image: image_line(image=f"{image}-gone"),
    **WARNINGS,
}
CODES = list(KINDS)
VALID = {  # lines that only lose a part of what they say
    "ERROR_UNSUPPORTED_USE_CASE_TYPE",
    "ERROR_INVALID_LABEL_NAME_LENGTH",
    "ERROR_TOO_MANY_BOUNDING_BOXES",
    "ERROR_INVALID_BOUNDING_BOX",
    "ERROR_BOUNDING_BOX_TOO_SMALL",
    "WARNING_NO_ATTRIBUTE_ANNOTATIONS",
}
IGNORED = {"WARNING_UNANNOTATED_RECORD", "WARNING_NO_ANNOTATIONS"}


@dataclass(frozen=True)
class Side:
    """The training or the testing manifest of one training."""

    training: Training
    name: str
    given: list[Line]

    @property
    def lines(self) -> list[Json]:
        """The validation manifest."""
        both = {"training": self.training.training_lines, "testing": self.training.testing_lines}
        return both[self.name]

    @property
    def statistics(self) -> Json:
        statistics: Json = self.training.summary["statistics"][self.name]
        return statistics

    def line_of(self, code: str) -> Json:
        return self.lines[CODES.index(code)]


@pytest.fixture(scope="module")
def faulty(service: ValidatingService) -> tuple[Training, list[Line]]:
    """A training on two manifests that hold a line for each code and a clean one."""
    lines = [make(service.image()) for make in KINDS.values()]
    lines.append(image_line("fog", image=service.image()))
    return service.train(lines, lines), lines


@pytest.fixture(params=["training", "testing"])
def side(request: pytest.FixtureRequest, faulty: tuple[Training, list[Line]]) -> Side:
    return Side(faulty[0], request.param, faulty[1])


def assert_told(code: str, side: Side) -> None:
    line = side.line_of(code)
    assert codes_by_place(line) == FOUND[code]
    path = next(path for path, codes in FOUND[code].items() if codes == code)
    holder: Any = line
    for step in path.split("/")[1:]:
        holder = holder[int(step)] if isinstance(holder, list) else holder[step]
    key = "warnings" if code.startswith("WARNING_") else "errors"
    assert holder[key] == [{"code": code, "message": MESSAGES[code]}]
    assert list(holder)[-1] == key


def test_error_invalid_json_line(side: Side) -> None:
    assert_told("ERROR_INVALID_JSON_LINE", side)
    assert list(side.line_of("ERROR_INVALID_JSON_LINE")) == ["errors"]


def test_error_missing_source_ref(side: Side) -> None:
    assert_told("ERROR_MISSING_SOURCE_REF", side)


def test_error_invalid_source_ref_format(side: Side) -> None:
    assert_told("ERROR_INVALID_SOURCE_REF_FORMAT", side)


def test_error_no_label_attributes(side: Side) -> None:
    assert_told("ERROR_NO_LABEL_ATTRIBUTES", side)


def test_error_invalid_label_attribute_format(side: Side) -> None:
    assert_told("ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", side)


def test_error_invalid_label_attribute_metadata_format(side: Side) -> None:
    assert_told("ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", side)


def test_error_missing_bounding_box_confidence(side: Side) -> None:
    assert_told("ERROR_MISSING_BOUNDING_BOX_CONFIDENCE", side)


def test_error_missing_class_map_id(side: Side) -> None:
    assert_told("ERROR_MISSING_CLASS_MAP_ID", side)


def test_error_unsupported_use_case_type(side: Side) -> None:
    assert_told("ERROR_UNSUPPORTED_USE_CASE_TYPE", side)


def test_error_invalid_label_name_length(side: Side) -> None:
    assert_told("ERROR_INVALID_LABEL_NAME_LENGTH", side)


def test_error_too_many_bounding_boxes(side: Side) -> None:
    assert_told("ERROR_TOO_MANY_BOUNDING_BOXES", side)


def test_error_invalid_image_dimension(side: Side) -> None:
    assert_told("ERROR_INVALID_IMAGE_DIMENSION", side)


def test_error_invalid_bounding_box(side: Side) -> None:
    assert_told("ERROR_INVALID_BOUNDING_BOX", side)


def test_error_bounding_box_too_small(side: Side) -> None:
    assert_told("ERROR_BOUNDING_BOX_TOO_SMALL", side)


def test_error_no_valid_annotations(side: Side) -> None:
    assert_told("ERROR_NO_VALID_ANNOTATIONS", side)


def test_error_invalid_image(side: Side) -> None:
    assert_told("ERROR_INVALID_IMAGE", side)


def test_error_no_valid_label_attributes(side: Side) -> None:
    assert_told("ERROR_NO_VALID_LABEL_ATTRIBUTES", side)


def test_warning_unannotated_record(side: Side) -> None:
    assert_told("WARNING_UNANNOTATED_RECORD", side)


def test_warning_no_attribute_annotations(side: Side) -> None:
    assert_told("WARNING_NO_ATTRIBUTE_ANNOTATIONS", side)


def test_warning_no_annotations(side: Side) -> None:
    assert_told("WARNING_NO_ANNOTATIONS", side)


def test_the_validation_manifest_is_a_copy(side: Side) -> None:
    """Without what was appended, line by line what was given."""
    assert len(side.lines) == len(side.given)
    for given, line in zip(side.given[1:], side.lines[1:], strict=True):
        assert encoded(_bare(line)) == (given if isinstance(given, bytes) else encoded(given))


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _bare(v) for k, v in value.items() if k not in ("errors", "warnings")}
    return [_bare(one) for one in value] if isinstance(value, list) else value


def test_statistics(side: Side) -> None:
    statistics = side.statistics
    invalid = set(CODES) - VALID - IGNORED
    assert statistics["total_json_lines"] == len(CODES) + 1
    assert statistics["valid_json_lines"] == len(VALID) + 1
    assert statistics["ignored_json_lines"] == len(IGNORED)
    assert statistics["invalid_json_lines"] == len(invalid)
    # From 1, every line with an error at any level, none with warnings only.
    assert statistics["error_json_line_indices"] == [
        number for number, code in enumerate(CODES, 1) if code.startswith("ERROR_")
    ]


def _several_faults(image: str) -> list[tuple[Line, dict[str, str]]]:
    """Lines wrong in several ways, and all that is told of them."""
    wrong_size = {**boxes(box(left=-1)), "image_size": []}
    half: Json = {"source-ref": "https://lab/a.png", "sky": 1}
    no_class = box_metadata(1, names=())
    return [
        (without(half, "source-ref"), {"": "ERROR_MISSING_SOURCE_REF"}),
        (half, {"": "ERROR_INVALID_SOURCE_REF_FORMAT"}),
        (
            {"source-ref": image, "parts": wrong_size, "parts-metadata": no_class},
            {"/parts": "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"},
        ),
        (
            {
                **box_line(box(left=-1), box(class_id=9), image=image, human_annotated="maybe"),
                "sea": 1,
                "sea-metadata": {"type": "groundtruth/label-verification"},
            },
            {"/parts-metadata": "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT"},
        ),
        (
            box_line(box(class_id=9), image=image, objects=[]),
            {"/parts-metadata": "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE"},
        ),
        (
            box_line(box(left=-1), box(class_id=9), image=image),
            {"/parts-metadata": "ERROR_MISSING_CLASS_MAP_ID"},
        ),
        (
            {"source-ref": image, "sky": 1, "sky-metadata": "groundtruth/object-detection"},
            {"": "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT"},
        ),
        (
            {"source-ref": image, "parts": [1], "parts-metadata": box_metadata(0)},
            {"": "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"},
        ),
        (  # stage B: everything is told
            {
                "source-ref": image,
                "parts": boxes(box(width=20, height=20), box(left=-1), width=64, height=4097),
                "parts-metadata": box_metadata(2, ["bolt", "x" * 257]),
                "sky": 1,
                "sky-metadata": image_metadata(""),
                "mask": {},
                "mask-metadata": {"type": "groundtruth/image-classification-multilabel"},
            },
            {
                "": "ERROR_INVALID_IMAGE_DIMENSION,ERROR_NO_VALID_LABEL_ATTRIBUTES",
                "/parts-metadata": "ERROR_INVALID_LABEL_NAME_LENGTH",
                "/parts/annotations/1": "ERROR_INVALID_BOUNDING_BOX",
                "/sky-metadata": "ERROR_INVALID_LABEL_NAME_LENGTH",
                "/mask-metadata": "ERROR_UNSUPPORTED_USE_CASE_TYPE",
            },
        ),
        (  # boxes are measured after the resize to 1280 pixels
            {
                "source-ref": image,
                "parts": boxes(
                    box(width=3, height=3), box(width=4, height=4), width=4096, height=64
                ),
                "parts-metadata": box_metadata(2),
            },
            {"/parts/annotations/0": "ERROR_BOUNDING_BOX_TOO_SMALL"},
        ),
        (  # the 51st box counts wherever it stands
            {
                **box_line(*[box()] * 30, image=image),
                "more": boxes(*[box()] * 21),
                "more-metadata": box_metadata(21),
            },
            {"/more": "ERROR_TOO_MANY_BOUNDING_BOXES"},
        ),
        (  # one attribute lost all boxes, another one is sound
            {**box_line(box(left=-1), image=image), "sky": 1, "sky-metadata": image_metadata()},
            {"/parts/annotations/0": "ERROR_INVALID_BOUNDING_BOX"},
        ),
        (
            box_line(image=image, human_annotated="no"),
            {"": "WARNING_UNANNOTATED_RECORD"},
        ),
    ]


def test_several_faults_of_a_line(service: ValidatingService) -> None:
    cases = _several_faults(service.image())
    training = service.train([line for line, _ in cases], [image_line(image=service.image())])
    told = [codes_by_place(line) for line in training.training_lines]
    assert told == [expected for _, expected in cases]


def test_a_validation_manifest_may_be_fed_back(
    service: ValidatingService, faulty: tuple[Training, list[Line]]
) -> None:
    """What it said before is forgotten, and said again only where it still holds."""
    lines = faulty[0].training_lines
    again = service.train(lines, lines)
    expected = dict(FOUND)
    expected["ERROR_INVALID_JSON_LINE"] = {"": "ERROR_MISSING_SOURCE_REF"}  # now it is an object
    told = [codes_by_place(line) for line in again.training_lines]
    assert told == [*(expected[code] for code in CODES), {}]


def test_the_two_moments_are_told_apart(service: ValidatingService) -> None:
    """The same lines: dropped silently by a dataset, errors of a training."""
    images = [service.put_image(f"{number}.png", _good(service)) for number in range(16)]
    good = [image_line("fog", image=image) for image in images]
    bad: list[Line] = [make(service.image()) for make in DROPPED_BY_DATASETS.values()]
    repeated = image_line("hail", image=images[0])

    project = service.new_project()
    train = service.create_dataset([*bad, *good, repeated], project=project)
    service.create_dataset(good, kind="TEST", project=project)
    assert len(service.entries(train)) == len(good)
    of_datasets = service.train_on_datasets(project)
    of_manifests = service.train([*bad, *good, repeated], good)

    assert of_datasets.summary["statistics"]["training"]["total_json_lines"] == len(good)
    assert of_datasets.summary["statistics"]["training"]["error_json_line_indices"] == []
    assert of_manifests.summary["statistics"]["training"]["total_json_lines"] == len(good) + 4
    assert of_manifests.summary["statistics"]["training"]["error_json_line_indices"] == [1, 2, 3]
    assert codes_by_place(of_manifests.training_lines[-1]) == {}  # a repeated image is legal here
    # Without the repeated image one label is left: nothing is trained.
    assert of_datasets.errors("training") == ["ERROR_MANIFEST_TOO_FEW_LABELS"]
    assert of_manifests.errors("testing") == ["ERROR_MANIFEST_TOO_FEW_LABELS"]


def test_errors_of_dataset_entries_show_again_at_training(service: ValidatingService) -> None:
    """`cl-errors` and `cl-metadata` are removed first; the training finds the errors anew."""
    project = service.new_project()
    good = [image_line("fog", image=f"{service.image()}?{number}") for number in range(5)]
    broken = KEPT_BY_DATASETS["ERROR_INVALID_BOUNDING_BOX"](service.image())
    train = service.create_dataset([broken, *good], project=project)
    service.create_dataset(good, kind="TEST", project=project)
    assert len(service.entries(train, HasErrors=True)) == 1
    first, *others = service.train_on_datasets(project).training_lines
    assert codes_by_place(first) == FOUND["ERROR_INVALID_BOUNDING_BOX"]
    assert not {"cl-errors", "cl-metadata"} & set(first)
    assert [_bare(line) for line in others] == good


def _good(service: ValidatingService) -> bytes:
    return service.s3.get_object(Bucket=service.bucket, Key="good.png")["Body"].read()
