"""Limits of images (api.md 3 and 6; manifests.md 7)."""

from __future__ import annotations

MAX_IMAGE_BYTES = 15 << 20  # of a file
MAX_REQUEST_IMAGE_BYTES = 4 << 20  # of a file sent in the request

MIN_IMAGE_SIDE = 64  # pixels, inclusive
MAX_IMAGE_SIDE = 4096  # pixels, inclusive
MAX_IMAGE_ASPECT = 20  # longer side to shorter side
