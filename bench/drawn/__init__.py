"""Drawn sets for tests and benchmarks: small, quick, the same each time."""
