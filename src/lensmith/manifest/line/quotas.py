"""Limits of manifests and lines (manifests.md 7).

Those of images are in `lensmith.domain.image_limits`, those that an operator may change in
`lensmith.config.Quotas`.
"""

from __future__ import annotations

LINE_CHARACTERS = 100_000
NESTING_MAXIMUM = 64  # containers inside each other; a usual line has four
LABEL_NAME_CHARACTERS = 256
LABELS_PER_IMAGE = 50
BOXES_PER_IMAGE = 50

BUCKET_CHARACTERS = 255  # of its name (api.md 1.6)
KEY_BYTES_MAXIMUM = 1024  # of an object in S3

TRAINING_SIDE = 1280  # pixels; longer images count as scaled down to it (3.5, code 14)

INVALID_FRACTION_MAXIMUM = 0.2  # of all lines (2.1, 3.4)
OVERLAP_MINIMUM = 0.5  # of the training labels (3.3, 4.4)
TEST_FRACTION = 0.2  # of the labelled lines (4.4)
IMAGE_LEVEL_LABELS_MINIMUM = 2
OBJECT_LOCALIZATION_LABELS_MINIMUM = 1
