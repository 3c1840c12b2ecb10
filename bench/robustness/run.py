"""Trains, changes the test pictures and tabulates."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from bench.image_sets import missing_sets
from bench.isolated import ignore_progress
from bench.outcomes import RESULTS
from bench.robustness.drawn_sets import DRAWN, drawn_folder
from bench.trained_models import BOXES, Length, Pictures, folder_of_set, read_pictures, train_once
from lensmith.evaluation.new_pictures import cross_fitted_f1
from lensmith.evaluation.robustness import ChangeKind, Flips, Robustness
from lensmith.inference.artefact import Artefact
from lensmith.inference.predictor import Predictor
from lensmith.store.files import write_atomically
from lensmith.training.job.evaluation import assess
from lensmith.training.job.robustness import measure_robustness

KEPT = RESULTS / "robustness"
SETS = ("grocery", "cards", "flowers", "bccd-boxes", "cards-boxes", "carlogo-boxes", "boards-boxes")
OUTCOME = "robustness.json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Accuracy and flips of one model on all test pictures; shares are 0..1."""

    f1_score: float
    new_pictures: float  # cross-fitted F1
    average_precision: float
    robustness: Robustness


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench robustness")
    add = parser.add_argument
    add("--sets", nargs="+", choices=SETS, default=list(SETS))
    add("--seeds", nargs="+", type=int, default=[0])
    add("--minutes", type=float, help="of each training; the usual guard without them")
    add("--iterations", type=int, help="of each detector, whatever they take")
    add("--models", type=Path, default=KEPT / "models", help="where they are kept")
    add("--before", type=Path, help="folder of models to compare with")
    add("--pictures", type=int, help="test pictures to change; all without it")
    add("--again", action="store_true", help="measure models that have an outcome too")
    options = parser.parse_args()
    console = Console()
    names = [folder for name in options.sets if (folder := _folder(name)) is not None]
    if missing := missing_sets(names):
        console.print(f"LENSMITH_DATA has no {missing}; see the README. Skipped.")
        return
    console.print(_by_set(options), _by_kind(options))


def _folder(name: str) -> Path | None:
    """Return the folder of a set that is not drawn."""
    return None if name.removesuffix(BOXES) in DRAWN else folder_of_set(name)


def _read(name: str) -> Pictures:
    plain = name.removesuffix(BOXES)
    if plain in DRAWN:
        return read_pictures(f"{drawn_folder(plain, KEPT / 'drawn')}{name.removeprefix(plain)}")
    return read_pictures(name)


def _outcome(options: argparse.Namespace, models: Path, name: str, seed: int) -> Outcome:
    """Read what is kept, or train and measure."""
    directory = models / f"{name}-{seed}"
    file = directory / OUTCOME
    if (options.again and models == options.models) or not file.exists():
        pictures = _read(name)
        train_once(pictures, directory, seed, Length(options.minutes, options.iterations))
        outcome = _measured(pictures, directory, options.pictures)
        write_atomically(file, msgspec.json.format(msgspec.json.encode(outcome)))
    return msgspec.json.decode(file.read_bytes(), type=Outcome)


def _measured(pictures: Pictures, directory: Path, changed: int | None) -> Outcome:
    assessment = assess(directory, pictures.testing, 0, ignore_progress)
    labels = Artefact.read(directory).labels
    measured = measure_robustness(
        Predictor.open(directory, threads=1),
        pictures.testing,
        dict(zip(labels, assessment.evaluation.thresholds, strict=True)),
        0,
        pictures=changed or len(pictures.testing),
        seconds=float("inf"),
    )
    assert measured is not None
    return Outcome(
        assessment.evaluation.f1_score,
        cross_fitted_f1(assessment.scores) or 0.0,
        assessment.evaluation.average_precision,
        measured,
    )


def _outcomes(options: argparse.Namespace, models: Path) -> dict[str, list[Outcome]]:
    """Collect the outcomes of each set, one a seed."""
    outcomes: dict[str, list[Outcome]] = {}
    for name, seed in product(options.sets, options.seeds):
        outcomes.setdefault(name, []).append(_outcome(options, models, name, seed))
    return outcomes


def _folders(options: argparse.Namespace) -> list[Path]:
    return [options.models] if options.before is None else [options.before, options.models]


def _by_set(options: argparse.Namespace) -> Table:
    table = Table("set", "models")
    for title in ("F1", "new pictures", "AP", "answers", "flips", "share", "of before"):
        table.add_column(title, justify="right")
    collected = [(folder, _outcomes(options, folder)) for folder in _folders(options)]
    for name in options.sets:
        first: float | None = None
        for folder, outcomes in collected:
            each = outcomes[name]
            total = Flips(
                sum(one.robustness.answers for one in each),
                sum(one.robustness.flips for one in each),
            )
            table.add_row(
                name if first is None else "",
                folder.name,
                *(f"{sum(values) / len(each):.3f}" for values in _accuracies(each)),
                f"{total.answers:,}",
                f"{total.flips:,}",
                f"{total.share:.2%}",
                "" if not first else f"{total.share / first:.2f}",
            )
            first = total.share if first is None else first
    return table


def _accuracies(each: list[Outcome]) -> list[list[float]]:
    return [
        [one.f1_score for one in each],
        [one.new_pictures for one in each],
        [one.average_precision for one in each],
    ]


def _by_kind(options: argparse.Namespace) -> Table:
    """Tabulate the share of flips by kind of change."""
    table = Table("set", "models")
    for kind in ChangeKind:
        table.add_column(kind.value, justify="right")
    for name in options.sets:
        for folder in _folders(options):
            each = _outcomes(options, folder)[name]
            table.add_row(name, folder.name, *(_share(each, kind) for kind in ChangeKind))
    return table


def _share(each: list[Outcome], kind: ChangeKind) -> str:
    changes = [one for outcome in each for one in outcome.robustness.changes if one.kind is kind]
    made = [Flips(one.answers, one.flips or 0) for one in changes if one.answers is not None]
    return f"{sum(made, Flips()).share:.2%}" if made else ""
