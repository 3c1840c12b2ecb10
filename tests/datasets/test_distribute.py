from __future__ import annotations

import io
import uuid

from numpy.random import default_rng
from tests.datasets.orchard import Orchard, boxed, image
from tests.health.test_scenes import moved, scene

from lensmith.domain.dataset import DatasetStatus, DatasetType, StatusMessageCode


def test_a_fifth_of_every_label_moves(orchard: Orchard) -> None:
    names = [f"{number}.png" for number in range(70)]
    train = orchard.create(
        [image(name, ("pear", "fig")[number % 2]) for number, name in enumerate(names)]
    )

    train, test = orchard.distribute(train, orchard.empty(DatasetType.TEST))

    assert train.status is test.status is DatasetStatus.UPDATE_COMPLETE
    assert (train.stats.total_entries, test.stats.total_entries) == (56, 14)
    assert orchard.labels(test) == {"pear": (7, 0), "fig": (7, 0)} or orchard.labels(test) == {
        "fig": (7, 0),
        "pear": (7, 0),
    }
    moved = orchard.names(test)
    assert moved == [name for name in names if name in moved]
    assert sorted([*moved, *orchard.names(train)]) == sorted(names)


def test_frames_of_a_scene_move_together(orchard: Orchard) -> None:
    """Ten scenes of four frames each, under names that say nothing."""
    rng = default_rng(0)
    lines, scene_of = [], {}
    for place in rng.permutation(40).tolist():
        buffer = io.BytesIO()
        moved(scene(place // 4), rng).save(buffer, "JPEG")
        name = f"{uuid.uuid4().hex}-x.jpg"
        orchard.s3.put_object(Bucket=orchard.bucket, Key=name, Body=buffer.getvalue())
        lines.append(image(name, ("pear", "fig")[place // 4 % 2], bucket=orchard.bucket))
        scene_of[name] = place // 4
    train, test = orchard.distribute(orchard.create(lines), orchard.empty(DatasetType.TEST))
    moved_names = orchard.names(test)
    assert len(moved_names) == 8
    assert len({scene_of[name] for name in moved_names}) == 2
    assert train.stats.total_entries == 32


def test_invalid_lines_do_not_count_as_labelled(orchard: Orchard) -> None:
    train = orchard.create(
        [
            *(image(f"{number}.png", "pear") for number in range(9)),
            boxed("tiny.png", "pear", side=1),
            image("plain.png"),
        ]
    )

    train, test = orchard.distribute(train, orchard.empty(DatasetType.TEST))

    assert orchard.labels(test)["pear"][0] >= 2
    assert train.stats.total_entries + test.stats.total_entries == 11


def test_ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_DISTRIBUTE(orchard: Orchard) -> None:  # noqa: N802
    train = orchard.create([image("a.png", "pear"), image("b.png", "fig")])
    before = orchard.lines(train)

    for dataset in orchard.distribute(train, orchard.empty(DatasetType.TEST)):
        assert (dataset.status, dataset.status_code, dataset.status_message) == (
            DatasetStatus.UPDATE_FAILED,
            StatusMessageCode.CLIENT_ERROR,
            "The manifest file doesn't have enough labeled images to distribute the dataset.",
        )
    assert orchard.lines(train) == before
