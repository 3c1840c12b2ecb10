"""Imports labelled images into datasets, and exports datasets."""
