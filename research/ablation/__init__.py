"""Measures what each part of the detector's recipe is worth: one thing changed at a time.

`LENSMITH_DATA=../shared/data python -m research.ablation` trains every variant on small parts of
sets for the same number of iterations, so that only the change differs.
"""
