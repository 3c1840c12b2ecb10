"""Two servers that are killed at random while clients write: is what was acknowledged there?"""
