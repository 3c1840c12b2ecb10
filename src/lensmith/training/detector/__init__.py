"""Training of a one-stage, anchor-free detector."""
