"""The words of Custom Labels as values and rules: no I/O, standard library only."""
