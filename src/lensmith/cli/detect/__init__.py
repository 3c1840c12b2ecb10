"""`lensmith detect`: a model over many pictures and videos, through the public API."""
