"""Answers that flip when test pictures are recompressed, filmed, resized, blurred, turned or relit.

`LENSMITH_DATA=../shared/data python -m bench robustness [--sets grocery flowers] [--models FOLDER]
[--before FOLDER]` trains a model a set once, keeps it in a folder, changes its test pictures and
prints F1 and the share of flips, beside the models of an older folder if one is named. `flowers`
and `boards-boxes` are drawn into the folder of the results.
"""

from bench.robustness.run import main

__all__ = ["main"]
