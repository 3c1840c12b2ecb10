"""How answers look in a terminal, in a file and in a copy of either."""
