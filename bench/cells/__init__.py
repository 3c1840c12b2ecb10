"""What benchmarks have in common that train model after model, each in a process of its own.

A cell is one training; its outcome is kept as soon as it is there, so that a run that was
interrupted goes on where it stopped.
"""
