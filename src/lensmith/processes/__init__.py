"""Child processes: they end with their parent, are restarted and logged."""
