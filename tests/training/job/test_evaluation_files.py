"""The evaluation beside a model: written once, read by pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from tests.support.evaluated import evaluated_boards, evaluated_flowers

from lensmith.evaluation.image_result import ImageResult
from lensmith.evaluation.report import EvaluationReport
from lensmith.training.job.evaluation_files import (
    ImageQuery,
    MissingEvaluationError,
    read_images,
    read_report,
    write,
)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("artefact")
    flowers = evaluated_flowers()
    write(made, flowers.report, iter(flowers.images))
    return made


def selected(directory: Path, query: ImageQuery) -> list[str]:
    """The numbers that the images of a page are named by."""
    page = read_images(directory, query)
    found = [msgspec.json.decode(image, type=ImageResult) for image in page.images]
    return [Path(image.source_ref).stem for image in found]


def test_the_report_comes_back(directory: Path) -> None:
    report = msgspec.json.decode(read_report(directory), type=EvaluationReport)
    assert report == evaluated_flowers().report


def test_the_worst_come_first(directory: Path) -> None:
    assert selected(directory, ImageQuery())[:2] == ["6", "1"]
    assert selected(directory, ImageQuery(worst_first=False)) == list("0123456")


def test_pages_hold_every_image_once(directory: Path) -> None:
    pages = [ImageQuery(offset=offset, limit=3) for offset in (0, 3, 6, 9)]
    names = [name for query in pages for name in selected(directory, query)]
    assert names == selected(directory, ImageQuery())
    assert sorted(names) == list("0123456")
    assert {read_images(directory, query).total for query in pages} == {7}


@pytest.mark.parametrize(
    ("labels", "outcomes", "expected"),
    [
        (["tulip"], [], ["4", "5", "6"]),
        (["daisy"], [], ["0", "1", "6"]),  # the last by mistake
        ([], ["false-positive"], ["1", "6"]),
        (["daisy"], ["false-positive"], ["6"]),
        (["tulip"], ["false-positive"], []),
        (["tulip", "poppy"], ["false-positive", "false-negative"], ["1", "6"]),
    ],
)
def test_label_and_outcome_select_by_the_same_result(
    directory: Path, labels: list[str], outcomes: list[str], expected: list[str]
) -> None:
    query = ImageQuery(frozenset(labels), frozenset(outcomes))
    assert sorted(selected(directory, query)) == expected
    assert read_images(directory, replace(query, limit=1)).total == len(expected)


def test_images_are_found_by_name(directory: Path) -> None:
    assert selected(directory, ImageQuery(name="TEST/3.")) == ["3"]
    assert selected(directory, ImageQuery(name="elsewhere")) == []


def test_boxes_come_back(tmp_path: Path) -> None:
    boards = evaluated_boards()
    write(tmp_path, boards.report, boards.images)
    page = read_images(tmp_path, ImageQuery(worst_first=False))
    assert [msgspec.json.decode(image, type=ImageResult) for image in page.images] == boards.images


def test_an_artefact_without_evaluation_says_so(tmp_path: Path) -> None:
    with pytest.raises(MissingEvaluationError):
        read_report(tmp_path)
    with pytest.raises(MissingEvaluationError):
        read_images(tmp_path, ImageQuery())


def test_what_was_not_written_whole_has_no_report(tmp_path: Path) -> None:
    def images() -> Iterator[ImageResult]:
        yield evaluated_flowers().images[0]
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        write(tmp_path, evaluated_flowers().report, images())
    with pytest.raises(MissingEvaluationError):
        read_report(tmp_path)
