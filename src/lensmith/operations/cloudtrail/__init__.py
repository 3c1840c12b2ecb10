"""CloudTrail: the history of management events."""
