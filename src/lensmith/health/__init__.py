"""Checks of a project's datasets for what makes a model worse; pure, no I/O."""
