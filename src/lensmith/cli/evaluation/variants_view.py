"""The variants of a model in the terminal: what each costs, and which one is served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from lensmith.cli.terminal.plain_table import plain_table

_USUAL_RUNTIME = "onnxruntime"


def show_variants(console: Console, variants: Mapping[str, Any]) -> None:
    """Show `GET …/variants`; nothing for models trained before there were any."""
    found = variants["variants"]
    if not found:
        return
    table = plain_table("Precisions, each at its own thresholds")
    for name in ("", "F1", "new pict.", "AP", "costs F1", "costs AP", "ms"):
        table.add_column(name, justify="right" if name else "left")
    table.add_column("", overflow="fold")
    for each in found:
        accuracy, cost = each["accuracy"], each["cost"]
        table.add_row(
            precision_name(each),
            f"{accuracy['f1_score']:.3f}",
            f"{accuracy['new_pictures']:.3f}",
            f"{accuracy['average_precision']:.3f}",
            points(cost["f1_score"]),
            points(cost["average_precision"]),
            f"{1e3 * each['seconds']:.1f}",
            _remark(each),
        )
    console.print(table)
    served = variants["served"]
    if served is not None:
        speed = f"{1e3 * served['seconds']:.1f} ms a picture, measured when its unit started"
        console.print(Text(f"In service: {precision_name(served)}, {speed}", "dim"))
    for each in drops(variants):
        console.print(Text(each, "red"))
    console.print(Padding("", 0))


def precision_name(variant: Mapping[str, Any]) -> str:
    """Name precision and runtime of a variant, the usual runtime left out."""
    precision, runtime = variant["precision"], variant["runtime"]
    return precision if runtime == _USUAL_RUNTIME else f"{precision}, {runtime}"


def drops(variants: Mapping[str, Any]) -> list[str]:
    """Write a sentence for each variant that a unit in service was to serve and could not."""
    served = variants.get("served")
    return [
        f"{precision_name(each)} was dropped when the unit started. {each['reason']}"
        for each in ([] if served is None else served.get("dropped", []))
    ]


def points(cost: float) -> str:
    """Write a loss of 0.004 as `0.4`, in points of a hundred; a gain is below 0."""
    return f"{100 * cost + 0.0:.1f}"


def _remark(variant: Mapping[str, Any]) -> str:
    if variant["is_served"]:
        return "served here"
    return "" if variant["runs_here"] else "not for this machine"
