"""Sources of every format, opened: one module a format."""
