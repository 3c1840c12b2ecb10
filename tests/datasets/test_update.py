from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from tests.datasets.orchard import Orchard, boxed, image

from lensmith.domain.dataset import (
    DatasetStats,
    DatasetStatus,
    DatasetType,
    StatusMessageCode,
)


def test_known_source_refs_are_replaced_and_new_ones_appended(orchard: Orchard) -> None:
    dataset = orchard.create([image("a.png", "pear"), image("b.png", "fig")])

    updated = orchard.update(dataset, [image("c.png", "plum"), boxed("a.png", "fig")])

    assert updated.status is DatasetStatus.UPDATE_COMPLETE
    assert updated.status_code is StatusMessageCode.SUCCESS
    assert orchard.names(updated) == ["a.png", "b.png", "c.png"]
    assert orchard.labels(updated) == {"fig": (2, 1), "plum": (1, 0)}
    assert updated.stats == DatasetStats(3, 3, 2, 0)


def test_listed_lines_are_accepted_back_unchanged(orchard: Orchard) -> None:
    dataset = orchard.create([image("a.png", "pear"), boxed("b.png", "fig", side=1)])
    before = orchard.lines(dataset)

    updated = orchard.update(dataset, [json.dumps(line) for line in before])

    assert orchard.lines(updated) == before
    assert updated.stats == dataset.stats


def test_an_empty_dataset_takes_its_first_bucket(orchard: Orchard) -> None:
    dataset = orchard.empty(DatasetType.TRAIN)
    updated = orchard.update(dataset, [image("a.png", "pear", bucket="any")])
    assert updated.stats.total_entries == 1


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            [image("a.png", "fig"), image("n.png", "fig", bucket="other")],
            "The manifest file contains images from multiple S3 buckets.",
        ),
        ([image("a.png", "fig"), "{", "{"], "The manifest file has too many terminal errors."),
        (["\n \n"], "The manifest file is empty."),
        ([b"\xff"], "The manifest file extension or contents are invalid."),
        (
            [image("a.png", "fig"), *(image(f"{n}.png", "fig") for n in range(9))],
            "The manifest file has too many rows.",
        ),
        (
            [image("n.png", *(f"label-{n}" for n in range(9)))],
            "The manifest file has too many labels.",
        ),
    ],
)
def test_a_refused_update_changes_nothing(
    new_orchard: Callable[..., Orchard], lines: list[str | bytes], message: str
) -> None:
    orchard = new_orchard(dataset_entries=10, labels=8)
    dataset = orchard.create([image("a.png", "pear"), image("b.png", "pear")])
    before = orchard.lines(dataset)

    failed = orchard.update(dataset, lines)

    assert (failed.status, failed.status_code, failed.status_message) == (
        DatasetStatus.UPDATE_FAILED,
        StatusMessageCode.CLIENT_ERROR,
        message,
    )
    assert orchard.lines(failed) == before
    assert failed.stats == dataset.stats
    assert orchard.labels(failed) == {"pear": (2, 0)}


def test_a_body_of_five_megabytes(orchard: Orchard) -> None:
    dataset = orchard.create([image(f"{number}.png", "pear") for number in range(100)])
    lines = [image(f"{number}.png", "fig") for number in range(23_500)]
    assert 4_500_000 < sum(map(len, lines)) < 5 << 20

    updated = orchard.update(dataset, lines)

    assert updated.stats == DatasetStats(23_500, 23_500, 1, 0)
    assert orchard.labels(updated) == {"fig": (23_500, 0)}
