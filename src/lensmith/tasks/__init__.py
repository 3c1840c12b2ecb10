"""Tasks of the console that take minutes: imports and suggestions, each in a process of its own."""
