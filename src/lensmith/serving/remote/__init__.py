"""Units that other servers reach by TCP."""
