"""The embedded object store: SeaweedFS as a child process."""
