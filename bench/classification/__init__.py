"""Lensmith's classifiers against two baselines, on sets of pictures from LENSMITH_DATA.

`LENSMITH_DATA=../shared/data python -m bench classification` trains every method on every part of
every set, keeps each outcome in bench/results/classification.json and prints the tables; what is
there already is not trained again. `--help` names the options.
"""

from bench.classification.run import main

__all__ = ["main"]
