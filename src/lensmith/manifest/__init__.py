"""Manifests: lines, entries, findings, summaries. Pure, no I/O."""
