"""STS's operations: temporary credentials for roles and users."""
