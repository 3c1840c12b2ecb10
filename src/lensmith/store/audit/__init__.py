"""The audit trail: JSON lines in files, and the management events of 90 days in the records."""
