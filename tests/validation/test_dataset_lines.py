"""Lines in dataset validation (manifests.md 2.2, 2.3): dropped, or kept with `cl-errors`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.manifest.lines import (
    Json,
    box,
    box_line,
    codes_by_place,
    encoded,
    image_line,
    image_metadata,
)
from tests.validation.faulty_lines import (
    DROPPED_BY_DATASETS,
    FOUND,
    KEPT_BY_DATASETS,
    MESSAGES,
    WARNINGS,
    Line,
)
from tests.validation.service import ValidatingService

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

GOOD = 20
KINDS = [*KEPT_BY_DATASETS, *WARNINGS]


def image_of(code: str) -> str:
    return f"s3://lab/{code}.png"


@pytest.fixture(scope="module")
def faulty(service: ValidatingService) -> str:
    """A dataset made from good lines and one line for every code."""
    good = [image_line(image=f"s3://lab/{number}.png") for number in range(GOOD)]
    kept: list[Line] = [make(image_of(code)) for code, make in KEPT_BY_DATASETS.items()]
    warned = [make(image_of(code)) for code, make in WARNINGS.items()]
    dropped = [make(image_of(code)) for code, make in DROPPED_BY_DATASETS.items()]
    return service.create_dataset([*dropped, *kept, *warned, *good])


@pytest.fixture(scope="module")
def entries(service: ValidatingService, faulty: str) -> dict[str, Json]:
    return {entry["source-ref"]: entry for entry in service.entries(faulty)}


def holders(value: object, key: str) -> Iterator[list[Json]]:
    """Every array of that name, at any level."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == key:
                yield inner
            else:
                yield from holders(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from holders(inner, key)


def assert_kept(code: str, entries: dict[str, Json]) -> None:
    entry = entries[image_of(code)]
    assert codes_by_place(entry, ("cl-errors",)) == FOUND[code]
    found = [error for array in holders(entry, "cl-errors") for error in array]
    assert {"code": code, "message": MESSAGES[code]} in found
    assert not list(holders(entry, "errors"))
    assert list(entry)[-1] == "cl-metadata"


def test_error_no_label_attributes(entries: dict[str, Json]) -> None:
    assert_kept("ERROR_NO_LABEL_ATTRIBUTES", entries)


def test_error_invalid_label_attribute_format(entries: dict[str, Json]) -> None:
    assert_kept("ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", entries)


def test_error_invalid_label_attribute_metadata_format(entries: dict[str, Json]) -> None:
    assert_kept("ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", entries)


def test_error_missing_bounding_box_confidence(entries: dict[str, Json]) -> None:
    assert_kept("ERROR_MISSING_BOUNDING_BOX_CONFIDENCE", entries)


def test_error_missing_class_map_id(entries: dict[str, Json]) -> None:
    assert_kept("ERROR_MISSING_CLASS_MAP_ID", entries)


def test_error_unsupported_use_case_type(entries: dict[str, Json]) -> None:
    assert_kept("ERROR_UNSUPPORTED_USE_CASE_TYPE", entries)


def test_error_invalid_label_name_length(entries: dict[str, Json]) -> None:
    assert_kept("ERROR_INVALID_LABEL_NAME_LENGTH", entries)


def test_error_too_many_bounding_boxes(entries: dict[str, Json]) -> None:
    assert_kept("ERROR_TOO_MANY_BOUNDING_BOXES", entries)


def test_error_invalid_image_dimension(entries: dict[str, Json]) -> None:
    assert_kept("ERROR_INVALID_IMAGE_DIMENSION", entries)


def test_error_invalid_bounding_box(entries: dict[str, Json]) -> None:
    assert_kept("ERROR_INVALID_BOUNDING_BOX", entries)


def test_error_bounding_box_too_small(entries: dict[str, Json]) -> None:
    assert_kept("ERROR_BOUNDING_BOX_TOO_SMALL", entries)


def test_error_no_valid_annotations(entries: dict[str, Json]) -> None:
    assert_kept("ERROR_NO_VALID_ANNOTATIONS", entries)


def test_error_no_valid_label_attributes(entries: dict[str, Json]) -> None:
    assert_kept("ERROR_NO_VALID_LABEL_ATTRIBUTES", entries)


@pytest.mark.parametrize("code", DROPPED_BY_DATASETS)
def test_a_terminal_line_is_reported_nowhere(
    code: str, entries: dict[str, Json], service: ValidatingService, faulty: str
) -> None:
    assert image_of(code) not in entries
    assert len(entries) == GOOD + len(KINDS)
    assert service.verdict(faulty)[1] == "SUCCESS"


@pytest.mark.parametrize("code", WARNINGS)
def test_warnings_are_never_written(code: str, entries: dict[str, Json]) -> None:
    entry = entries[image_of(code)]
    assert not list(holders(entry, "warnings"))
    assert not list(holders(entry, "cl-warnings"))
    assert not list(holders(entry, "cl-errors"))


def test_has_errors(service: ValidatingService, faulty: str, entries: dict[str, Json]) -> None:
    found = service.entries(faulty, HasErrors=True)
    assert [entry["source-ref"] for entry in found] == [image_of(code) for code in KEPT_BY_DATASETS]
    everything = service.entries(faulty, HasErrors=False)
    assert len(everything) == len(entries)


def test_statistics(service: ValidatingService, faulty: str, entries: dict[str, Json]) -> None:
    """Labelled is whoever has a pair that is image-level or holds boxes, valid or not."""
    labelled = [entry for entry in entries.values() if entry["cl-metadata"]["is_labeled"]]
    unlabelled = {image_of("ERROR_NO_LABEL_ATTRIBUTES"), image_of("WARNING_UNANNOTATED_RECORD")}
    unlabelled.add(image_of("WARNING_NO_ANNOTATIONS"))
    assert entries.keys() - {entry["source-ref"] for entry in labelled} == unlabelled
    stats = service.settled(faulty)["DatasetStats"]
    assert stats == {
        "LabeledEntries": len(labelled),
        "TotalEntries": GOOD + len(KINDS),
        "TotalLabels": 3,  # fog, bolt and calm
        "ErrorEntries": len(KEPT_BY_DATASETS),
    }


def dropped(service: ValidatingService, *lines: Line) -> list[str]:
    """The source-refs that remain of these lines and enough good ones."""
    good = [image_line(image=f"s3://lab/good-{number}.png") for number in range(4 * len(lines))]
    arn = service.create_dataset([*lines, *good])
    refs = [entry["source-ref"] for entry in service.entries(arn)]
    return [ref for ref in refs if "good-" not in ref]


def test_lines_that_are_dropped(service: ValidatingService) -> None:
    long = {**image_line(image="s3://lab/long.png"), "note": ""}
    room = 100_000 - len(encoded(long))
    assert dropped(
        service,
        {**long, "note": "x" * room},
        {**long, "source-ref": "s3://lab/over.png", "note": "x" * (room + 1)},
        b"",
        b"[]",
        b'{"source-ref":"s3://lab/cut.png"',
        image_line(image="s3://lab/"),
        image_line(image="s3:///a.png"),
        {**image_line(), "source-ref": None},
        {**image_line(), "source-ref": 7},
        image_line(image="S3://lab/upper.png"),
    ) == ["s3://lab/long.png", "S3://lab/upper.png"]


def test_the_first_of_a_repeated_image_stays(service: ValidatingService) -> None:
    first, second = (image_line(label, image="s3://lab/twice.png") for label in ("fog", "hail"))
    good = [image_line(image=f"s3://lab/{number}.png") for number in range(4)]
    arn = service.create_dataset([first, second, *good])
    (kept,) = service.entries(arn, SourceRefContains="twice")
    assert kept["weather0-metadata"]["class-name"] == "fog"
    service.update(arn, [second, first, *good])
    assert service.entries(arn)[0]["source-ref"] == "s3://lab/twice.png"
    (kept,) = service.entries(arn, SourceRefContains="twice")
    assert kept["weather0-metadata"]["class-name"] == "hail"


def test_listed_lines_can_be_sent_back(service: ValidatingService, faulty: str) -> None:
    """The repair of the guide: list what has errors, correct it, update."""
    copy = service.rekognition.create_dataset(
        ProjectArn=service.new_project(),
        DatasetType="TEST",
        DatasetSource={"DatasetArn": faulty},
    )["DatasetArn"]
    service.settled(copy)
    broken = service.entries(copy, HasErrors=True)
    assert service.update(copy, broken)["Status"] == "UPDATE_COMPLETE"
    assert service.entries(copy, HasErrors=True) == broken

    mended = _mended(broken)
    stats = service.update(copy, mended)["DatasetStats"]
    assert (stats["ErrorEntries"], stats["TotalEntries"]) == (0, GOOD + len(KINDS))


def _mended(entries: Iterable[Json]) -> list[Json]:
    """Each entry with a sound attribute besides the `cl-errors` that it came with."""
    return [
        {
            "source-ref": entry["source-ref"],
            "cl-errors": entry.get("cl-errors", []),
            "sky": 1,
            "sky-metadata": image_metadata(),
            "cl-metadata": entry["cl-metadata"],
        }
        for entry in entries
    ]


def test_image_files_are_not_opened(service: ValidatingService) -> None:
    """ERROR_INVALID_IMAGE belongs to training: here only declared dimensions count."""
    arn = service.create_dataset([box_line(box(), image="s3://no-such-bucket/nowhere.png")])
    assert service.entries(arn, HasErrors=True) == []
