"""Commands of projects and their versions."""
