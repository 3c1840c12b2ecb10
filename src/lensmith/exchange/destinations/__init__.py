"""Datasets written in every format: one module a format."""
