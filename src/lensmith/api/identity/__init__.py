"""IAM and STS at the same endpoint."""
