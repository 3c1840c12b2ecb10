"""The server's own metrics: stored, exposed to Prometheus, served as CloudWatch."""
