"""`make bench`: every benchmark, one after another, or the ones named on the command line."""

from __future__ import annotations

import importlib
import sys

from rich.console import Console

BENCHMARKS = (
    "manifest_lines",
    "entries_pages",
    "manifest_import",
    "fuzz_manifests_images",
    "training",
)


def main() -> None:
    """Run the named benchmarks in this process; raises ImportError for an unknown name."""
    named = sys.argv[1:] or BENCHMARKS
    sys.argv = sys.argv[:1]
    for name in named:
        Console().rule(f"[bold]{name}")
        importlib.import_module(f"bench.{name}").main()


main()
