"""Trains classifiers: linear heads on frozen features, or a fine-tuned backbone."""
