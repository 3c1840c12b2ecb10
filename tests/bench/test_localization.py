"""The benchmark of detectors: what it reads and judges, and which trainings it can leave out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from bench.isolated import ignore_progress
from bench.localization.baselines import ProbedDetector, train_nearest
from bench.localization.experiment import judge
from bench.localization.results import FROZEN, OUT_OF_TIME, Experiment, Outcome, same_training
from bench.localization.sets import boxed_examples, drawn, folder_and_part, read_boxed_set
from faster_coco_eval import COCO, COCOeval_faster
from PIL import Image, ImageDraw
from tests.support.artefacts import fixed_boxes

from lensmith.inference.predictor import Predictor
from lensmith.training.backbone import BackboneName, load_backbone
from lensmith.training.job.usable_images import UsableImage
from lensmith.training.settings import TrainingSettings

LABELS = ("bolt", "nut", "washer")
WIDTH, HEIGHT, PICTURES = 160, 128, 24

Annotation = dict[str, Any]


def boxed_set(folder: Path, guesses: list[tuple[int, list[float]]]) -> list[Annotation]:
    """A set whose pictures show most of the guessed boxes, shifted; what COCO would hold of it."""
    rng = np.random.default_rng(3)
    (folder / "images").mkdir(parents=True)
    annotations: list[Annotation] = []
    lines = []
    for picture in range(PICTURES):
        Image.new("RGB", (WIDTH, HEIGHT)).save(folder / "images" / f"{picture}.png")
        shown = []
        for label, (left, top, right, bottom) in guesses:
            if rng.random() < 0.6:
                place = np.array([left * WIDTH, top * HEIGHT]) + rng.normal(0, 2.5, 2)
                sides = np.array([(right - left) * WIDTH, (bottom - top) * HEIGHT])
                box = [*place.round().clip(0).astype(int).tolist(), *sides.round().astype(int)]
                shown.append((label, [int(edge) for edge in box]))
        lines.append(json.dumps(_line(folder.name, picture, shown)))
        annotations += [{"image_id": picture + 1, **_annotation(*each)} for each in shown]
    for part in ("train", "test"):
        (folder / f"{part}.detection.manifest").write_text("\n".join(lines))
        (folder / f"{part}.manifest").write_text("")
    return annotations


def _line(name: str, picture: int, boxes: list[tuple[int, list[int]]]) -> dict[str, Any]:
    edges = ("left", "top", "width", "height")
    return {
        "source-ref": f"s3://BUCKET/{name}/images/{picture}.png",
        "parts": {
            "image_size": [{"width": WIDTH, "height": HEIGHT, "depth": 3}],
            "annotations": [
                {"class_id": label, **dict(zip(edges, box, strict=True))} for label, box in boxes
            ],
        },
        "parts-metadata": {
            "objects": [{"confidence": 1}] * len(boxes),
            "class-map": {str(number): label for number, label in enumerate(LABELS)},
            "type": "groundtruth/object-detection",
            "human-annotated": "yes",
            "creation-date": "2024-02-03T04:05:06",
            "job-name": "labeling-job/parts",
        },
    }


def _annotation(label: int, box: list[int]) -> Annotation:
    return {"category_id": label + 1, "bbox": box, "area": box[2] * box[3], "iscrowd": 0}


def predicted(directory: Path, folder: Path) -> list[Annotation]:
    """What the model finds, in pixels."""
    predictor = Predictor.open(directory, threads=1)
    found = []
    for picture in range(PICTURES):
        data = (folder / "images" / f"{picture}.png").read_bytes()
        for each in predictor.predict(data).detections:
            assert each.box is not None
            left, top = each.box.left * WIDTH, each.box.top * HEIGHT
            box = [left, top, each.box.width * WIDTH, each.box.height * HEIGHT]
            place = {"image_id": picture + 1, "category_id": LABELS.index(each.name) + 1}
            found.append({**place, "bbox": box, "score": each.confidence})
    return found


def test_precision_is_what_coco_says_of_the_same_manifest(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    places = [(x / 4 + 0.03, y / 3 + 0.03) for x in range(4) for y in range(3)]
    boxes = [[x, y, x + 0.19, y + 0.26] for x, y in places]
    labels = [number % len(LABELS) for number in range(len(places))]
    annotations = boxed_set(tmp_path / "parts", list(zip(labels, boxes, strict=True)))
    scores = np.zeros((len(places), len(LABELS)))
    scores[np.arange(len(places)), labels] = rng.uniform(0.2, 0.9, len(places))
    fixed_boxes(tmp_path / "model", boxes, scores.tolist(), LABELS)

    images = read_boxed_set(tmp_path / "parts")
    report = judge(tmp_path / "model", images, threads=1)

    truth = COCO()
    truth.dataset = {
        "images": [{"id": n + 1, "width": WIDTH, "height": HEIGHT} for n in range(PICTURES)],
        "categories": [{"id": n + 1, "name": name} for n, name in enumerate(LABELS)],
        "annotations": [{"id": n + 1, **each} for n, each in enumerate(annotations)],
    }
    truth.createIndex()
    found = truth.loadRes(predicted(tmp_path / "model", tmp_path / "parts"))
    coco = COCOeval_faster(truth, found, "bbox", print_function=lambda _: None)
    coco.run()
    assert images.labels == LABELS
    assert report.detection is not None
    assert report.testing_images == PICTURES
    assert 0.3 < report.detection.average_precision_50_95 < report.average_precision < 0.95
    # COCO reads the precision at 101 recalls, we under every point of the curve.
    assert report.average_precision == pytest.approx(coco.stats[1], abs=0.01)
    assert report.detection.average_precision_50_95 == pytest.approx(coco.stats[0], abs=0.01)


def outcome(minutes: float, stopped: str, name: str = "parts", seed: int = 0) -> Outcome:
    return Outcome(
        Experiment(name, minutes, seed),
        pictures=40,
        ap50=0.8,
        ap50_95=0.5,
        macro_f1=0.7,
        calibration_error=0.1,
        seconds=60 * minutes,
        cpu_seconds=100 * minutes,
        threads=2,
        iterations=300,
        frame=(320, 320),
        stopped=stopped,
        trained_for=minutes,
    )


def test_more_time_changes_nothing_for_a_training_that_had_enough() -> None:
    learnt = outcome(5.0, "the training pictures are learnt")
    known = [outcome(2.0, OUT_OF_TIME), learnt, outcome(5.0, OUT_OF_TIME, seed=1)]
    experiment = replace(learnt.experiment, minutes=20.0)
    assert same_training(experiment, known) == replace(learnt, experiment=experiment)
    assert same_training(replace(experiment, minutes=3.0), known) is None
    assert same_training(replace(experiment, seed=1), known) is None
    assert same_training(replace(experiment, set="other"), known) is None
    assert same_training(replace(experiment, method=FROZEN), known) is None


def test_a_number_behind_a_set_takes_so_many_of_its_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENSMITH_DATA", str(tmp_path))
    boxed_set(tmp_path / "parts", [(0, [0.1, 0.1, 0.5, 0.5])])
    boxed_set(tmp_path / "parts2", [(0, [0.1, 0.1, 0.5, 0.5])])
    assert folder_and_part("parts") == (tmp_path / "parts", None)
    assert folder_and_part("parts10") == (tmp_path / "parts", 10)
    assert folder_and_part("parts2") == (tmp_path / "parts2", None)
    images = read_boxed_set(tmp_path / "parts").training
    few = drawn(images, 10, seed=1)
    assert few == drawn(images, 10, seed=1) == [image for image in images if image in few]
    assert len(few) == 10 != len(images)
    assert few != drawn(images, 10, seed=2)
    assert drawn(images, 100, seed=1) == list(images)


def test_only_the_last_layers_of_a_probe_learn() -> None:
    network = ProbedDetector(load_backbone(BackboneName.LITE0), 2, torch.ones(3, 2))
    network.freeze(3)
    network.train()
    learnt = {name for name, each in network.named_parameters() if each.requires_grad}
    layers = ("label", "box", "objectness")
    assert learnt == {f"head.{layer}.{part}" for layer in layers for part in ("weight", "bias")}
    assert not any(module.training for module in network.pyramid.modules())
    before = {name: each.clone() for name, each in network.named_buffers()}
    network(torch.zeros(1, 3, 64, 64))
    assert all(each.equal(before[name]) for name, each in network.named_buffers())


def test_the_nearest_class_mean_names_what_the_start_finds(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    boxed_set(folder, [(0, [0.1, 0.1, 0.5, 0.5]), (1, [0.6, 0.4, 0.9, 0.9])])
    images = read_boxed_set(folder)
    images = replace(images, training=images.training[:6], testing=images.testing[:6])
    for image in images.training:
        _draw(image)
    labels = ("absent", *images.labels)
    examples = boxed_examples(images.training, labels)
    train_nearest(examples, labels, tmp_path, TrainingSettings(threads=1), ignore_progress)
    assert judge(tmp_path, images, threads=1).average_precision > 0.6


def _draw(image: UsableImage) -> None:
    """Draw a label's boxes as ellipses of its own colour."""
    assert isinstance(image.file, Path)
    picture = Image.new("RGB", (WIDTH, HEIGHT), (205, 200, 190))
    for label, box in image.truth.boxes:
        corners = (box.left * WIDTH, box.top * HEIGHT)
        opposite = ((box.left + box.width) * WIDTH, (box.top + box.height) * HEIGHT)
        colour = {"bolt": (170, 40, 30), "nut": (30, 60, 150)}[label]
        ImageDraw.Draw(picture).ellipse((*corners, *opposite), fill=colour)
    picture.save(image.file)
