"""The S3 gateway: verifies, judges and streams every S3 request in front of the object store."""
