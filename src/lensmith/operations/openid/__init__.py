"""OpenID Connect providers and their tokens."""
