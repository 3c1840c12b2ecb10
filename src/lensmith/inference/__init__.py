"""Runs the exported model on image bytes."""
