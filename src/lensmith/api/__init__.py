"""The HTTP edge: authenticate, authorise, dispatch."""
