"""Pictures as the baselines see them when nothing is left to chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lensmith.inference.artefact import Preprocessing, Resize
from lensmith.inference.image import Pixels
from lensmith.inference.preprocess import place, render
from lensmith.training.data.pictures import load_picture

SIDE = 224  # what Lite0 was trained at
FRAME = (SIDE, SIDE)
WORKING_SIDE = SIDE * 2  # larger pictures are scaled down to this when they are read
BATCH = 16


def batches(paths: Sequence[Path], exclusive: bool) -> Iterator[Tensor]:
    """uint8 [at most 16, h, w, 3], in the order of the files."""
    for start in range(0, len(paths), BATCH):
        frames = [_frame(path, exclusive) for path in paths[start : start + BATCH]]
        yield torch.from_numpy(np.stack(frames))


def _frame(path: Path, exclusive: bool) -> Pixels:
    """The middle of the picture where it has one label, everything where it has several."""
    picture = load_picture(path, WORKING_SIDE)
    how = Preprocessing(Resize.CROP, crop=0.875) if exclusive else Preprocessing(Resize.STRETCH)
    size = picture.shape[1], picture.shape[0]
    return render(picture, place(size, FRAME, how), FRAME, how.fill)
