"""`make bench`: the benchmarks one after another, or the ones named on the command line.

Options after the names go to each of them: `python -m bench classification --sizes 5`.
"""

from __future__ import annotations

import importlib
import os
import sys
from itertools import takewhile

from rich.console import Console

BENCHMARKS = (
    "manifest_lines",
    "entries_pages",
    "manifest_import",
    "fuzz_manifests_images",
    "serving_start",
    "serving",
    "sixty",
    "training",
)
"""What runs when nothing is named.

By name only: `classification` and `localization` take hours, `serving_load` half an hour, `brand` a
quarter of one and a set of `python -m research.brand_set`, `load_traces` four minutes.
"""


PIPED_COLUMNS = "140"  # rich takes 80 without a terminal, which cuts figures off wide tables


def main() -> None:
    """Run the named benchmarks in this process; raises ImportError for an unknown name."""
    if not sys.stdout.isatty():
        os.environ.setdefault("COLUMNS", PIPED_COLUMNS)
    named = list(takewhile(lambda word: not word.startswith("-"), sys.argv[1:]))
    sys.argv = [sys.argv[0], *sys.argv[1 + len(named) :]]
    for name in named or BENCHMARKS:
        Console().rule(f"[bold]{name}")
        importlib.import_module(f"bench.{name}").main()


main()
