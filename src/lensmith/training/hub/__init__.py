"""Backbones that `transformers` loads by name."""
