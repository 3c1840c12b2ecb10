"""Training of a logo detector from pictures of logos alone."""
