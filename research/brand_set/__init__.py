"""Draws the set of the brand benchmark: logo pictures, and photographs with the marks in them.

`LENSMITH_DATA=../shared/data python -m research.brand_set /tmp/brand` fetches open marks with npm
and writes the set that `python -m bench brand --folder /tmp/brand` trains on and judges.
"""
