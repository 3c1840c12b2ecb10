"""Draws the sets of boards into a folder."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path

from bench.image_sets import is_set
from rich.console import Console

from research.circuits.circuit_picture import Flavour
from research.circuits.circuit_set import TRAINING, write_set

SEED = 0

_console = Console()


def main() -> None:
    """Draw the sets that are not there yet; two minutes each."""
    parser = ArgumentParser("python -m research.circuits")
    parser.add_argument("--folder", type=Path, required=True, help="that becomes LENSMITH_DATA")
    parser.add_argument("--pictures", type=int, default=TRAINING, help="to learn from, of each set")
    parser.add_argument("--sets", default=",".join(one.value for one in Flavour))
    options = parser.parse_args(sys.argv[1:])
    for flavour in map(Flavour, options.sets.split(",")):
        folder = options.folder / flavour.value
        if not is_set(folder):
            write_set(folder, flavour, SEED, options.pictures)
        _console.print(f"{folder} is there")


if __name__ == "__main__":
    main()
