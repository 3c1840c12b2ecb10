"""Detectors from logo pictures alone, judged on photographs with the marks in them.

`LENSMITH_DATA=../shared/data python -m bench brand` fetches open marks with npm, makes the set,
trains, prints a table and writes bench/results/brand.json. `--help` names the options.
"""

from bench.brand.run import main

__all__ = ["main"]
