"""Commands that start and stop models."""
