"""Running models: inference units and who gets which request."""
