"""Models on their way out: one zip that runs without Lensmith."""
