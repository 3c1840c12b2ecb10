"""Renders one of the example sets: python -m research.example_pictures rooms /tmp/rooms."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from research.example_pictures.collection import render_collection

_SETS = ("rooms", "flowers", "logos", "circuit_boards")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", choices=_SETS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", default="shipped")
    parser.add_argument("--split", choices=("train", "test", "sample"))
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    module = import_module(f"research.example_pictures.{chosen.set}")
    collection = getattr(module, chosen.set.upper())
    jobs = [job for job in collection.jobs() if chosen.split in (None, job.split)]
    render_collection(collection, jobs, chosen.folder, chosen.seed, chosen.processes)


if __name__ == "__main__":
    main()
