"""State: the records (SQL) and the object store (S3)."""
