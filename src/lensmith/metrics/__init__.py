"""What the server measures of itself: kept, exposed to Prometheus, asked for as CloudWatch."""
