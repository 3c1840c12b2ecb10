"""Which server a command talks to, and how."""
