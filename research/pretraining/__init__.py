"""Makes the weights that a detector begins with; see docs/decisions/0012-detector-start.md."""
