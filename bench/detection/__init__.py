"""What `bench.serving` runs: pictures, models, four ways to serve them, and the load on them."""
