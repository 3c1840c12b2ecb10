"""Child processes: end with their parent, restart, log to a file."""
