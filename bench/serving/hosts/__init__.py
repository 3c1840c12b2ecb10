"""Servers under test, and the bare loop that is their limit."""
