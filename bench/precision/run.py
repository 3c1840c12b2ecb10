"""Trains, evaluates and tabulates."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.image_sets import folder_of, missing_sets, read_entries
from bench.isolated import ignore_progress
from bench.localization.sets import read_boxed_set
from bench.outcomes import RESULTS, write_results
from lensmith.evaluation.summary import EvaluatedVersion
from lensmith.inference.artefact import Artefact, Task
from lensmith.inference.variant import Variant, cost_of
from lensmith.manifest.training.entry import TrainingEntry
from lensmith.training.job.usable_images import UsableImage, example, ground_truth, known_only
from lensmith.training.job.variants import evaluate_variants
from lensmith.training.settings import TrainingSettings
from lensmith.training.trainers import trainer_of

KEPT = RESULTS / "precision"
SETS = ("grocery", "cards", "bccd-boxes", "cards-boxes", "carlogo-boxes")


@dataclass(frozen=True, slots=True)
class Pictures:
    """A set as a training job sees it."""

    task: Task
    labels: tuple[str, ...]
    training: Sequence[UsableImage]
    testing: Sequence[UsableImage]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench precision")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--minutes", type=float, default=5.0, help="of each training")
    parser.add_argument("--models", type=Path, default=KEPT, help="where they are kept")
    options = parser.parse_args()
    console = Console()
    if missing := missing_sets([folder_of(_folder(name)) for name in options.sets]):
        console.print(f"LENSMITH_DATA has no {missing}; see the README. Skipped.")
        return
    rows: dict[str, tuple[Variant, ...]] = {}
    for name, seed in product(options.sets, options.seeds):
        pictures, directory = _read(name), options.models / f"{name}-{seed}"
        if not (directory / "model.json").exists():
            _train(pictures, directory, seed, options.minutes)
        rows[f"{name}, seed {seed}"] = _evaluate(pictures, directory)
    write_results("precision", rows)
    console.print(_table(rows))


def _folder(name: str) -> str:
    return name.removesuffix("-boxes")


def _read(name: str) -> Pictures:
    folder = folder_of(_folder(name))
    if name.endswith("-boxes"):
        boxed = read_boxed_set(folder)
        return Pictures(Task.DETECTION, boxed.labels, boxed.training, boxed.testing)
    training, testing = (_labelled(folder / f"{part}.manifest") for part in ("train", "test"))
    labels = sorted({label for image in training for label, _ in image.truth.labels})
    return Pictures(Task.CLASSIFICATION, tuple(labels), training, known_only(testing, labels))


def _labelled(manifest: Path) -> list[UsableImage]:
    return [
        UsableImage(file, ground_truth(TrainingEntry(entry, number, number + 1)))
        for number, (file, entry) in enumerate(read_entries(manifest))
        if entry.image_labels
    ]


def _train(pictures: Pictures, directory: Path, seed: int, minutes: float) -> None:
    numbers = {label: number for number, label in enumerate(pictures.labels)}
    examples = [example(image, numbers, pictures.task) for image in pictures.training]
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent) as fresh:
        trainer_of(pictures.task)(
            examples,
            pictures.labels,
            Path(fresh),
            TrainingSettings(seed, budget_seconds=60 * minutes),
            ignore_progress,
        )
        shutil.copytree(fresh, directory)


def _evaluate(pictures: Pictures, directory: Path) -> tuple[Variant, ...]:
    version = EvaluatedVersion(
        "", len(pictures.training), len(pictures.testing), ended=datetime.now(UTC)
    )
    evaluated = evaluate_variants(
        directory, pictures.training, pictures.testing, version, 0, ignore_progress
    )
    frame = "x".join(map(str, Artefact.read(directory).input_size))
    Console().print(directory.name, frame, [one.variant.accuracy.f1_score for one in evaluated])
    return tuple(one.variant for one in evaluated)


def _table(rows: dict[str, tuple[Variant, ...]]) -> Table:
    table = Table("set")
    for column in ("precision", "F1", "new pictures", "AP", "ECE", "ms", "times", "costs F1", "AP"):
        table.add_column(column, justify="right")
    for name, variants in rows.items():
        reference = variants[0]
        for variant in variants:
            accuracy, cost = variant.accuracy, cost_of(variant, reference)
            table.add_row(
                name if variant is reference else "",
                variant.precision,
                f"{accuracy.f1_score:.3f}",
                f"{accuracy.new_pictures:.3f}",
                f"{accuracy.average_precision:.3f}",
                f"{accuracy.expected_calibration_error:.3f}",
                f"{1e3 * variant.seconds:.1f}",
                f"{reference.seconds / variant.seconds:.2f}",
                f"{100 * cost.f1_score + 0.0:.1f}",
                f"{100 * cost.average_precision + 0.0:.1f}",
            )
    return table
