"""`make bench`: the benchmarks one after another, or the ones named on the command line.

Options after the names go to each of them: `python -m bench classification --sizes 5`.
"""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import dataclass
from itertools import takewhile

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A module with a `main` that reads its options from sys.argv."""

    module: str
    measures: str
    by_name_only: bool = False  # long, or with something that must be made first


BENCHMARKS = {
    "manifest_lines": Benchmark("manifest.lines", "validation of manifest lines a second"),
    "entries_pages": Benchmark("manifest.entries_pages", "pages of ListDatasetEntries"),
    "manifest_import": Benchmark("manifest.full_size_import", "CreateDataset of 250,000 lines"),
    "serving_start": Benchmark("serving.start", "seconds from StartProjectVersion to RUNNING"),
    "preparation": Benchmark("serving.preparation", "decoding and resizing, step by step"),
    "serving": Benchmark("serving.comparison", "pictures a second, against other servers"),
    "console": Benchmark("console.measurements", "gallery, editor and uploads in Chromium"),
    "s3": Benchmark("s3", "GETs through the S3 gateway, against SeaweedFS alone"),
    "remote_unit": Benchmark("serving.remote_unit", "a unit by TCP, against shared memory"),
    "ray_unit": Benchmark("serving.ray_unit", "a unit on a Ray node, against one here", True),
    "placement": Benchmark("placement", "1,000 models on 100 nodes that are lost, by simulation"),
    "judge": Benchmark("judge", "decisions and detections with 1,000 users"),
    "sixty": Benchmark("sixty", "60 pictures trained through the API"),
    "training": Benchmark("training", "image sets trained and started through the API"),
    "classification": Benchmark("classification", "classifiers against two baselines: hours", True),
    "localization": Benchmark("localization", "detectors after minutes of training: hours", True),
    "brand": Benchmark("brand", "detectors from logos alone: a quarter of an hour", True),
    "thresholds": Benchmark("thresholds", "assumed thresholds on new pictures: an hour", True),
    "robustness": Benchmark("robustness", "answers that flip on changed pictures: an hour", True),
    "precision": Benchmark("precision", "INT8 against float32 on trained sets: an hour", True),
    "serving_load": Benchmark("serving.load", "killed units under load: half an hour", True),
    "cluster": Benchmark("cluster", "killed machines under load: minutes", True),
    "lists": Benchmark("lists.run", "lists of 10,000 projects, 1,000,000 entries: minutes", True),
    "kills": Benchmark("kills.run", "two servers killed 200 times under writes: an hour", True),
    "sizing": Benchmark("sizing", "memory and rows of a cluster, as root: a minute", True),
    "rolling_upgrade": Benchmark("rolling_upgrade", "servers replaced one by one: 2 minutes", True),
    "load_traces": Benchmark("serving.load_traces", "records traces for a test: 4 minutes", True),
}

PIPED_COLUMNS = "140"  # rich takes 80 without a terminal, which cuts figures off wide tables


def main() -> None:
    """Run the named benchmarks in this process; without names, those that are not by name only."""
    if not sys.stdout.isatty():
        os.environ.setdefault("COLUMNS", PIPED_COLUMNS)
    named = list(takewhile(lambda word: not word.startswith("-"), sys.argv[1:]))
    if not named and {"-h", "--help"} & set(sys.argv[1:]):
        return _help()
    if unknown := [name for name in named if name not in BENCHMARKS]:
        sys.exit(f"No benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}.")
    sys.argv = [sys.argv[0], *sys.argv[1 + len(named) :]]
    for name in named or [one for one, each in BENCHMARKS.items() if not each.by_name_only]:
        Console().rule(f"[bold]{name}")
        importlib.import_module(f"bench.{BENCHMARKS[name].module}").main()
    return None


def _help() -> None:
    table = Table("NAME", "measures", "without names", box=None)
    for name, benchmark in BENCHMARKS.items():
        table.add_row(name, benchmark.measures, "" if benchmark.by_name_only else "runs")
    print("python -m bench [NAME ...] [options of these benchmarks]\n")
    Console().print(table)


main()
