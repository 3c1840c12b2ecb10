"""CloudFormation at the same endpoint."""
