"""One training as a job: its images, validation, split, result files and end."""
