"""Templates of CloudFormation: reading, checking, resolving, comparing."""
