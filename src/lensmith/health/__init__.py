"""What may keep a project's datasets from making a good model: pure checks, no I/O."""
