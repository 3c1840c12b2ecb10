"""Benchmarks of manifests: lines, imports, pages of entries."""
