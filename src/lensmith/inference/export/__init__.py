"""Exports a model as one zip that runs without Lensmith."""
