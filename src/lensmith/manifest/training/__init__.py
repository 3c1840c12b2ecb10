"""Manifests as a training takes them (manifests.md 3)."""
