"""Trains a one-stage, anchor-free detector."""
