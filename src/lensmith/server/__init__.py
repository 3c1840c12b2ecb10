"""The server process: starts its parts, keeps them alive and stops them."""
