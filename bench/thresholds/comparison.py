"""Macro F1 and recall on new pictures by rule, set by set."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.outcomes import write_results
from bench.thresholds.rules import RULES
from bench.thresholds.scored_set import ScoredSet, Training
from lensmith.evaluation.label_scores import LabelScores
from lensmith.evaluation.metrics import count

HALVES = 200
TRAININGS = (
    Training("grocery", 3),
    Training("grocery", 5),
    Training("grocery"),
    Training("cards", 10),
    Training("cards", 40, minutes=4),
    Training("bccd", minutes=4),
    Training("carlogo", minutes=6),
)


def compare(halves: int, seed: int) -> None:
    """Print the table, and write bench/results/thresholds.json."""
    table = Table("set", *RULES)
    results = {}
    for training in TRAININGS:
        figures = results[training.name] = _judge(ScoredSet.of(training, seed), halves)
        table.add_row(
            training.name, *(f"{f1:.3f} ({recall:.2f})" for f1, recall in figures.values())
        )
    write_results("thresholds", results)
    Console().print(table)


def _judge(scored: ScoredSet, halves: int) -> dict[str, tuple[float, float]]:
    """Return macro F1 and recall by rule, means over the halves."""
    rng = np.random.default_rng(0)
    judged = {name: np.zeros((halves, 2)) for name in RULES}
    for half in range(halves):
        choosing = rng.permutation(scored.images) < scored.images // 2
        pairs = list(zip(scored.labels(choosing), scored.labels(~choosing), strict=True))
        for name in RULES:
            judged[name][half] = np.mean(list(_figures(pairs, name)), axis=0)
    means = {name: each.mean(axis=0) for name, each in judged.items()}
    return {name: (float(f1), float(recall)) for name, (f1, recall) in means.items()}


def _figures(
    pairs: list[tuple[LabelScores, LabelScores]], rule: str
) -> Iterator[tuple[float, float]]:
    for chosen_on, new in pairs:
        if new.positives:
            threshold = RULES[rule](chosen_on)
            counts = count(new.confidence, new.correct, new.positives, threshold)
            yield counts.f1_score, counts.recall
