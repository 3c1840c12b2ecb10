"""KMS: the operations of the embedded keyring."""
