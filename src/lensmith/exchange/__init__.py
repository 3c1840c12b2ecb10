"""Bringing labelled images into datasets, and taking datasets out."""
