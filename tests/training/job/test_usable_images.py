"""From checked lines to examples and ground truth."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.training.job.training_bench import box_line, image_line

from lensmith.config import Quotas
from lensmith.domain.geometry import Box
from lensmith.inference.artefact import Task
from lensmith.manifest.training.checked import ImageFaults, check_lines
from lensmith.manifest.training.verdict import Part, judge
from lensmith.training.job.images import CopiedImages
from lensmith.training.job.usable_images import UsableImage, example, known_only, usable_images


def usable(train: list[str], test: list[str]) -> tuple[list[UsableImage], list[UsableImage]]:
    training, testing = (check_lines(map(str.encode, lines), Quotas()) for lines in (train, test))
    verdict = judge(training, testing, ImageFaults(), ImageFaults(), Quotas())
    assert verdict.errors == ()
    assert verdict.testing is not None
    return _with_files(verdict.training), _with_files(verdict.testing)


def _with_files(part: Part) -> list[UsableImage]:
    refs = {line.source_ref for line in part.lines}
    return usable_images(part, CopiedImages({ref: Path(ref) for ref in refs if ref}, {}))


def test_boxes_of_several_attributes_become_one_set() -> None:
    line = json.loads(box_line("s3://lab/a.png", ("bolt", 0, 0, 48, 24)))
    second = json.loads(box_line("s3://lab/a.png", ("nut", 48, 48, 48, 48)))
    line["more"] = second["parts"] | {"image_size": [{"width": 192, "height": 192, "depth": 3}]}
    line["more-metadata"] = second["parts-metadata"] | {"human-annotated": "no"}
    training, _ = usable([json.dumps(line)], [json.dumps(line)])
    (truth,) = [image.truth for image in training]
    assert truth.boxes == (
        ("bolt", Box(0.0, 0.0, 0.5, 0.25)),
        ("nut", Box(0.25, 0.25, 0.25, 0.25)),
    )
    assert truth.size is not None
    assert (truth.size.width, truth.size.height) == (96, 96)
    assert truth.annotator.human_annotated == "yes"
    shown = example(training[0], {"bolt": 0, "nut": 1}, Task.DETECTION)
    assert [label for label, _ in shown.boxes] == [0, 1]


def test_lines_keep_their_number_when_others_drop_out() -> None:
    lines = [
        image_line("s3://lab/a.png", "red"),
        '{"source-ref":"s3://lab/b.png"}',
        image_line("s3://lab/c.png", "red", "blue"),
    ]
    training, _ = usable(lines, lines)
    assert [(image.truth.line, len(image.truth.labels)) for image in training] == [(1, 1), (3, 2)]
    assert example(training[1], {"blue": 0, "red": 1}, Task.CLASSIFICATION).labels == (1, 0)


def test_labels_that_training_never_saw_are_not_tested() -> None:
    train = [image_line("s3://lab/a.png", "red"), image_line("s3://lab/b.png", "blue")]
    test = [
        image_line("s3://lab/c.png", "red", "pink"),
        image_line("s3://lab/d.png", "pink"),
        image_line("s3://lab/e.png", "blue"),
    ]
    _, testing = usable(train, test)
    kept = known_only(testing, {"red", "blue"})
    assert [(one.truth.line, [name for name, _ in one.truth.labels]) for one in kept] == [
        (1, ["red"]),
        (3, ["blue"]),
    ]


def test_a_logo_is_a_label_to_the_detector_and_in_the_snapshot() -> None:
    training, testing = usable(
        [image_line("s3://lab/logo.png", "acme")],
        [box_line("s3://lab/scene.png", ("acme", 10, 10, 20, 20))],
    )
    assert [name for name, _ in training[0].truth.labels] == ["acme"]
    assert training[0].truth.boxes == ()
    shown = example(training[0], {"acme": 0}, Task.DETECTION)
    assert (shown.labels, shown.boxes) == ((0,), ())
    assert [name for name, _ in testing[0].truth.boxes] == ["acme"]


PARTS = (("bolt", 0, 0, 48, 48), ("nut", 48, 48, 48, 48))


def mixed(kinds: str, side: str) -> list[str]:
    """Lines of either format: i image-level, b boxes, m both; no label is of both formats."""
    lines = []
    for number, kind in enumerate(kinds):
        ref = f"s3://lab/{side}-{number}.png"
        words = json.loads(image_line(ref, "new", "used")) if kind in "im" else {}
        boxes = json.loads(box_line(ref, *PARTS)) if kind in "bm" else {}
        lines.append(json.dumps(words | boxes))
    return lines


BOXED = ((), ((0, Box(0.0, 0.0, 0.5, 0.5)), (1, Box(0.5, 0.5, 0.5, 0.5))))
NAMED = ((0, 1), ())


@pytest.mark.parametrize(
    ("train", "test", "task", "learnt_from"),
    [
        ("iiibm", "b", Task.DETECTION, {4: BOXED, 5: BOXED}),
        ("ibbbm", "i", Task.CLASSIFICATION, {1: NAMED, 5: NAMED}),
        ("iibm", "im", Task.CLASSIFICATION, {1: NAMED, 2: NAMED, 4: NAMED}),
        ("ibbm", "im", Task.DETECTION, {2: BOXED, 3: BOXED, 4: BOXED}),
        ("ibm", "im", Task.DETECTION, {2: BOXED, 3: BOXED}),  # a tie
    ],
)
def test_a_mixed_training_set_teaches_one_format(
    train: str, test: str, task: Task, learnt_from: dict[int, tuple[object, object]]
) -> None:
    """By the test set if it is of one kind, or else by the majority (manifests.md 4.1, 4.2)."""
    training, _ = usable(mixed(train, "train"), mixed(test, "test"))
    numbers = {name: number % 2 for number, name in enumerate(("bolt", "nut", "new", "used"))}
    shown = {image.truth.line: example(image, numbers, task) for image in training}
    assert {line: (one.labels, one.boxes) for line, one in shown.items()} == learnt_from
