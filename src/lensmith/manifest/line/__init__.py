"""One manifest line: read, checked, annotated."""
