"""Models on several servers that share records: a leader places units, nodes run them."""
