"""Array types that several rooms of training share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LabelMatrix = NDArray[np.bool_]
"""[pictures, labels], whether each picture has each label."""
