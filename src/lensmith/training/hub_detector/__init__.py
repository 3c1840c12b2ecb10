"""Detectors that `transformers` loads by name."""
