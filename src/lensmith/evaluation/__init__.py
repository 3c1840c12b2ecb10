"""How good a model is, and the files that say so. Pure numpy."""
