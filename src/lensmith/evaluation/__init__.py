"""Evaluates a model on its test set and writes the result files. Pure numpy."""
