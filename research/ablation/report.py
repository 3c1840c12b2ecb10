"""The table of the ablation: a row a variant, a column a set, against the default."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from rich.table import Table

from research.ablation.results import Outcome
from research.ablation.variants import VARIANTS


def table(outcomes: Sequence[Outcome]) -> Table:
    """AP50 of every set as the mean over seeds; what was not run is left empty."""
    sets = sorted({one.experiment.set for one in outcomes})
    found = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
    found.add_column("variant")
    for title in (*sets, "mean", "less default", "50:95", "CPU s"):
        found.add_column(title, justify="right", no_wrap=True)
    default = [one for one in outcomes if one.experiment.variant == "default"]
    for name, variant in VARIANTS.items():
        of_variant = [one for one in outcomes if one.experiment.variant == name]
        if of_variant:
            found.add_row(variant.description, *_row(of_variant, default, sets))
    return found


def _row(each: Sequence[Outcome], default: Sequence[Outcome], sets: Sequence[str]) -> list[str]:
    by_set = [[one.ap50 for one in each if one.experiment.set == name] for name in sets]
    trained = {(one.experiment.set, one.experiment.seed) for one in each}
    rivals = [one.ap50 for one in default if (one.experiment.set, one.experiment.seed) in trained]
    mean = fmean(one.ap50 for one in each)
    return [
        *(f"{fmean(scores):.3f}" if scores else "" for scores in by_set),
        f"{mean:.3f}",
        f"{mean - fmean(rivals):+.3f}" if len(rivals) == len(each) else "",
        f"{fmean(one.ap50_95 for one in each):.3f}",
        f"{fmean(one.cpu_seconds for one in each):.0f}",
    ]
