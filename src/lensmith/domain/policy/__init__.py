"""IAM policies: documents, and the one decision on every access (api.md 4.5)."""
