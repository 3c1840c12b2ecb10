"""The server process: what it starts, keeps alive and stops."""
