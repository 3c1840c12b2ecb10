"""Tasks of the console that take minutes: imports, examples, suggestions, each in its process."""
