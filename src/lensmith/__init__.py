"""Lensmith: a self-hosted, wire-compatible Amazon Rekognition Custom Labels."""

import atexit
import gc

__version__ = "0.1.0"

# Lensmith is many processes, most of them short. What they import is never garbage, and looking for
# garbage in it, while it is imported and when a process ends, took two fifths of a start's time.
gc.set_threshold(10_000)
atexit.register(gc.freeze)
