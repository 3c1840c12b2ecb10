"""Routes under /_lensmith/: what AWS does not have."""
