"""Accuracy and time of a picture by precision, on models trained on the sets of LENSMITH_DATA.

`LENSMITH_DATA=../shared/data python -m bench precision` trains every set with every seed, keeps the
models in bench/results/precision, evaluates each precision as a training job does, and prints the
table. Models that are there already are not trained again. `--minutes` is the budget of each.
"""

from bench.precision.run import main

__all__ = ["main"]
