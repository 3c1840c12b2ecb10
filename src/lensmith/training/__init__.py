"""From a frozen manifest to an evaluated model, one process a job."""
