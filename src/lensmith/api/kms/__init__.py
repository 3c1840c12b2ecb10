"""KMS: the API of the embedded keyring."""
