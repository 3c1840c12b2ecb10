"""Baseline: plain fine-tuning of all of Lite0 for a fixed time, the last weights taken."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.random import Generator, default_rng
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from bench.classification.frames import BATCH, FRAME, WORKING_SIDE, batches
from bench.classification.lesson import Learnt, Lesson, Scores, Stopwatch
from bench.classification.sets import truth_of
from lensmith.inference.image import Pixels
from lensmith.inference.preprocess import render
from lensmith.training.backbone import FEATURES, BackboneName, load_backbone, normalised
from lensmith.training.data.augment import Jitter, random_crop, recoloured
from lensmith.training.data.pictures import PictureCache, use_threads

EPOCHS, LEAST_STEPS = 20, 150
RATE, WEIGHT_DECAY = 5e-4, 0.02
WARMUP = 0.1  # of the steps; a cosine to zero follows
COLOUR = Jitter(zoom=(1.0, 1.0), colour=0.2)


def learn_by_fine_tuning(lesson: Lesson) -> Learnt:
    use_threads(lesson.threads)
    torch.manual_seed(lesson.seed)
    watch = Stopwatch()
    backbone = load_backbone(BackboneName.LITE0)
    network = nn.Sequential(backbone, nn.Linear(FEATURES, len(lesson.labels)))
    _fine_tune(network, lesson)
    return watch.learnt(lambda: _scores(network, lesson))


def _fine_tune(network: nn.Sequential, lesson: Lesson) -> None:
    truth = torch.from_numpy(truth_of(lesson.training, len(lesson.labels)).astype(np.float32))
    pictures = PictureCache([one.image for one in lesson.training], WORKING_SIDE)
    chance = default_rng(lesson.seed)
    batch = min(BATCH, len(pictures))
    steps = max(EPOCHS * (len(pictures) // batch), LEAST_STEPS)
    optimiser = AdamW(network.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY)
    schedule = OneCycleLR(optimiser, RATE, steps, pct_start=WARMUP, cycle_momentum=False)
    network.train()
    for _, indices in zip(range(steps), _endless(len(pictures), batch, chance), strict=False):
        frames = np.stack([_varied(pictures[one], lesson.exclusive, chance) for one in indices])
        loss = _loss(network(normalised(torch.from_numpy(frames))), truth[indices], lesson)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()


def _endless(pictures: int, batch: int, chance: Generator) -> Iterator[list[int]]:
    """Batches of full size, epoch after epoch; what does not fill one is dropped."""
    while True:
        order = chance.permutation(pictures)
        for start in range(0, pictures - batch + 1, batch):
            yield order[start : start + batch].tolist()


def _varied(picture: Pixels, exclusive: bool, chance: Generator) -> Pixels:
    """A random crop, mirrored or not, recoloured.

    With several labels it is a crop of the picture stretched to the frame, as scoring sees it:
    what is at the ends of a long picture counts too.
    """
    size = (picture.shape[1], picture.shape[0]) if exclusive else FRAME
    frame = render(picture, random_crop(size, FRAME, chance), FRAME, fill=0)
    return recoloured(frame[:, :: chance.choice([-1, 1])], COLOUR, chance)


def _loss(logits: Tensor, truth: Tensor, lesson: Lesson) -> Tensor:
    if lesson.exclusive:
        return functional.cross_entropy(logits, truth.argmax(1))
    return functional.binary_cross_entropy_with_logits(logits, truth)


@torch.no_grad()
def _scores(network: nn.Sequential, lesson: Lesson) -> Scores:
    network.eval()
    parts = [network(normalised(frames)) for frames in batches(lesson.testing, lesson.exclusive)]
    logits = torch.cat(parts).double()
    scores: Scores = (logits.softmax(1) if lesson.exclusive else logits.sigmoid()).numpy()
    return scores
