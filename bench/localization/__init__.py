"""Lensmith's detectors after some minutes of training, on boxed pictures from LENSMITH_DATA.

`LENSMITH_DATA=../shared/data python -m bench localization` trains on every set for each time
budget, keeps each outcome in bench/results/localization.json and prints the table; what is there
already is not trained again. `--help` names the options.
"""

from bench.localization.run import main

__all__ = ["main"]
