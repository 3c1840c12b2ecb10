"""Trains, evaluates and tabulates."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.image_sets import missing_sets
from bench.isolated import ignore_progress
from bench.outcomes import RESULTS, write_results
from bench.trained_models import Length, Pictures, folder_of_set, read_pictures, train_once
from lensmith.evaluation.summary import EvaluatedVersion
from lensmith.inference.artefact import Artefact
from lensmith.inference.variant import Variant, cost_of
from lensmith.training.job.variants import evaluate_variants

KEPT = RESULTS / "precision"
SETS = ("grocery", "cards", "bccd-boxes", "cards-boxes", "carlogo-boxes")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench precision")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--minutes", type=float, default=5.0, help="of each training")
    parser.add_argument("--models", type=Path, default=KEPT, help="where they are kept")
    options = parser.parse_args()
    console = Console()
    if missing := missing_sets([folder_of_set(name) for name in options.sets]):
        console.print(f"LENSMITH_DATA has no {missing}; see the README. Skipped.")
        return
    rows: dict[str, tuple[Variant, ...]] = {}
    for name, seed in product(options.sets, options.seeds):
        pictures, directory = read_pictures(name), options.models / f"{name}-{seed}"
        train_once(pictures, directory, seed, Length(options.minutes))
        rows[f"{name}, seed {seed}"] = _evaluate(pictures, directory)
    write_results("precision", rows)
    console.print(_table(rows))


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
