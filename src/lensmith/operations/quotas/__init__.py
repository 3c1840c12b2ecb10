"""Service Quotas, read-only."""
