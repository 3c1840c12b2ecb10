"""CloudWatch's metric operations at the same endpoint."""
