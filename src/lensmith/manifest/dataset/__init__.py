"""Lines of a dataset (manifests.md 2)."""
