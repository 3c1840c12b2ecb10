"""What `python -m bench serving` runs: models, pictures, servers, and the load on them."""
