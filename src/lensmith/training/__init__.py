"""Trains models: from a frozen manifest to an evaluated artefact, one process a job."""
