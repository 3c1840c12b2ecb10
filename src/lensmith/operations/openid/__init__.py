"""The OpenID Connect provider that the settings name, and its tokens."""
