"""Keys that encrypt data keys: the embedded keyring, a KMS elsewhere, or Vault."""
