"""Baseline: plain fine-tuning of all of Lite0 for a fixed time, the last weights taken."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from bench.classification.frames import (
    BATCH,
    batches,
    load_picture,
    normalised,
    use_threads,
    varied,
)
from bench.classification.lesson import Learnt, Lesson, Scores, Stopwatch
from bench.classification.lite0 import FEATURES, load_lite0
from bench.classification.sets import truth_of

EPOCHS, MIN_STEPS = 20, 150
LEARNING_RATE, WEIGHT_DECAY = 5e-4, 0.02
WARMUP = 0.1  # of the steps; a cosine to zero follows


def learn_by_fine_tuning(lesson: Lesson) -> Learnt:
    use_threads(lesson.threads)
    torch.manual_seed(lesson.seed)
    watch = Stopwatch()
    network = nn.Sequential(load_lite0(), nn.Linear(FEATURES, len(lesson.labels)))
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    _fine_tune(network, lesson)
    return watch.learnt(lambda: _scores(network, lesson))


def _fine_tune(network: nn.Sequential, lesson: Lesson) -> None:
    truth = torch.from_numpy(truth_of(lesson.training, len(lesson.labels)).astype(np.float32))
    pictures = [load_picture(one.image) for one in lesson.training]
    batch = min(BATCH, len(pictures))
    steps = max(EPOCHS * (len(pictures) // batch), MIN_STEPS)
    optimiser = AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    schedule = OneCycleLR(optimiser, LEARNING_RATE, steps, pct_start=WARMUP, cycle_momentum=False)
    network.train()
    for _, indices in zip(range(steps), _endless(len(pictures), batch), strict=False):
        frames = torch.stack([varied(pictures[one], lesson.exclusive) for one in indices])
        loss = _loss(network(normalised(frames)), truth[indices], lesson)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()


def _endless(pictures: int, batch: int) -> Iterator[list[int]]:
    """Batches of full size, epoch after epoch; what does not fill one is dropped."""
    while True:
        order = torch.randperm(pictures)
        for start in range(0, pictures - batch + 1, batch):
            yield order[start : start + batch].tolist()


def _loss(logits: Tensor, truth: Tensor, lesson: Lesson) -> Tensor:
    if lesson.exclusive:
        return functional.cross_entropy(logits, truth.argmax(1))
    return functional.binary_cross_entropy_with_logits(logits, truth)


@torch.no_grad()
def _scores(network: nn.Sequential, lesson: Lesson) -> Scores:
    network.eval()
    parts = [network(frames) for frames in batches(lesson.testing, lesson.exclusive)]
    logits = torch.cat(parts).double()
    scores: Scores = (logits.softmax(1) if lesson.exclusive else logits.sigmoid()).numpy()
    return scores
