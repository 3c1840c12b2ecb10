"""Where state lives: the records (SQL) and the object store (S3)."""
