"""Measures detectors trained on logo pictures alone, on photographs with the marks in them.

`python -m bench brand --folder SET` trains on a set of `python -m research.brand_set`, prints a
table and writes bench/results/brand.json. `--help` names the options.
"""

from bench.brand.run import main

__all__ = ["main"]
