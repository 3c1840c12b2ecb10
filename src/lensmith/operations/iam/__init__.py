"""IAM's operations on users, groups, roles, policies and keys of the caller's account."""
