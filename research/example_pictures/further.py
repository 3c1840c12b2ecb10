"""Judges a trained model on further pictures: python -m research.example_pictures.further MODEL FOLDER.

MODEL is a folder with model.onnx and model.json, FOLDER one that `research.example_pictures`
rendered with another seed. Each label counts at the threshold that its training assumed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from lensmith.domain.geometry import Box
from lensmith.domain.label import Prediction
from lensmith.evaluation.boxes import Boxes
from lensmith.evaluation.matching import match
from lensmith.evaluation.metrics import count, f1_score
from lensmith.inference.predictor import Predictor


def main() -> None:
    model, folder = Path(sys.argv[1]), Path(sys.argv[2])
    predictor = Predictor.open(model, threads=1)
    shown = json.loads((folder / "labels.json").read_text())["test"]
    found = [predictor.predict((folder / "test" / name).read_bytes()) for name in shown]
    labels = predictor.artefact.labels
    figures = []
    for index, label in enumerate(labels):
        if any(one.get("boxes") for one in shown.values()):
            scores, correct, positives = _of_boxes(found, list(shown.values()), labels, index)
        else:
            scores, correct, positives = _of_pictures(found, shown.values(), label)
        counts = count(scores, correct, positives, predictor.artefact.thresholds[index])
        figures.append(f1_score(counts.precision, counts.recall))
        print(f"{label:<22} {positives:>4}  F1 {figures[-1]:.3f}")
    print(f"{len(shown)} pictures, mean F1 {np.mean(figures):.3f}")


def _of_pictures(found: list[Prediction], shown: Iterable[dict], label: str):
    scores = [next((d.confidence for d in one.detections if d.name == label), 0.0) for one in found]
    truth = np.array([label in one["labels"] for one in shown])
    return np.array(scores), truth, int(truth.sum())


def _of_boxes(found: list[Prediction], shown: list[dict], labels, index: int):
    number = {label: i for i, label in enumerate(labels)}
    predicted = Boxes.collect(
        [(number[d.name], d.confidence, d.box) for d in one.detections if d.box is not None]
        for one in found
    )
    truth = Boxes.collect(
        [(number[b["label"]], 1.0, _fractions(b, one["size"])) for b in one["boxes"]]
        for one in shown
    )
    correct = match(predicted, truth).partner >= 0
    mine = predicted.label == index
    return predicted.confidence[mine], correct[mine], int((truth.label == index).sum())


def _fractions(box: dict, size: list[int]) -> Box:
    width, height = size
    left, top = box["left"] / width, box["top"] / height
    return Box(left, top, box["width"] / width, box["height"] / height)


if __name__ == "__main__":
    main()
