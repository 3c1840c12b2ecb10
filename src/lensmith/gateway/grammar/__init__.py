"""Which operation of S3 a request is, as data."""
