"""Thresholds chosen on one half of the test pictures and judged on the other.

`LENSMITH_DATA=../shared/data python -m bench thresholds` trains a model a set once and keeps its
scores in bench/results/thresholds; then it takes random halves. Prints macro F1 and recall.
"""

from __future__ import annotations

import argparse

from bench.thresholds.comparison import HALVES, compare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench thresholds")
    parser.add_argument("--halves", type=int, default=HALVES)
    parser.add_argument("--seed", type=int, default=0, help="of the trainings")
    options = parser.parse_args()
    compare(options.halves, options.seed)
