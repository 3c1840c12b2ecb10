from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.random import default_rng
from tests.support.eventually import until
from tests.training.drawn import drawn_examples
from torch import Tensor

from lensmith.training.data.prefetch import Prefetcher, prefetch_depth
from lensmith.training.detector.assignment import GroundTruthBoxes
from lensmith.training.detector.batches import DetectionBatches


class Numbered:
    """Batches that tell their number, the pictures that they were drawn from, and the share."""

    def __init__(self, pace: Callable[[], float] = lambda: 0.0, broken: int = -1) -> None:
        self._pace = pace
        self._broken = broken
        self._busy = threading.Lock()
        self._pictures = 1
        self.made = 0

    def learn_from(self, pictures: int) -> None:
        assert self._busy.acquire(blocking=False), "changed while a batch is made"
        self._pictures = pictures
        self._busy.release()

    def batch(self, size: int, mosaic: float) -> tuple[Tensor, GroundTruthBoxes]:
        assert self._busy.acquire(blocking=False), "made by two threads"
        time.sleep(self._pace())
        number, self.made = self.made, self.made + 1
        told = torch.tensor([number, size, mosaic, self._pictures])
        self._busy.release()
        if number == self._broken:
            raise OSError("the picture has gone")
        return told, GroundTruthBoxes(torch.zeros(1, 1, 4), torch.zeros(1, 1))


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("frames")}


def lesson(frames: Numbered, device: Callable[[], float]) -> list[list[float]]:
    """Five batches, a change of the pictures and of the share, five more."""
    seen = []
    with Prefetcher(frames, 3) as ahead:
        for step in range(10):
            if step == 5:
                ahead.flush()
                frames.learn_from(2)
            seen.append(ahead.batch(4, 0.5 if step < 5 else 0.0)[0].tolist())
            time.sleep(device())
    return seen


def test_the_order_is_the_same_at_any_speed() -> None:
    dice = random.Random(0)

    def uneven() -> float:
        return dice.random() / 300

    expected = [[number, 4, 0.5, 1] for number in range(5)]
    expected += [[number, 4, 0.0, 2] for number in range(8, 13)]  # three were thrown away
    for maker, device in ((uneven, float), (float, uneven), (uneven, uneven)):
        assert lesson(Numbered(maker), device) == expected


def test_another_share_is_made_anew() -> None:
    with Prefetcher(Numbered(), 2) as ahead:
        shares = [ahead.batch(4, share)[0].tolist()[2] for share in (0.5, 0.5, 0.0, 0.25)]
    assert shares == [0.5, 0.5, 0.0, 0.25]


def test_batches_are_made_while_nobody_waits() -> None:
    frames = Numbered()
    with Prefetcher(frames, 3) as ahead:
        ahead.batch(4, 0.0)
        until(lambda: frames.made == 4)
        assert threads()
    assert not threads()


def test_a_picture_that_cannot_be_read_ends_the_loop_at_its_batch() -> None:
    with Prefetcher(Numbered(broken=2), 3) as ahead:
        assert [ahead.batch(4, 0.0)[0].tolist()[0] for _ in range(2)] == [0, 1]
        with pytest.raises(OSError, match="has gone"):
            ahead.batch(4, 0.0)
    assert not threads()


def test_a_loop_that_fails_leaves_no_thread() -> None:
    def interrupted() -> None:
        with Prefetcher(Numbered(), 3) as ahead:
            ahead.batch(4, 0.0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not threads()


def test_a_single_thread_makes_each_batch_itself() -> None:
    frames, cpu = Numbered(), torch.device("cpu")
    with Prefetcher(frames, prefetch_depth(cpu, threads=1)) as ahead:
        ahead.batch(4, 0.0)
        assert frames.made == 1
        assert not threads()
    assert prefetch_depth(cpu, threads=2) > 0
    assert prefetch_depth(torch.device("cuda"), threads=1) > 0


def test_the_thread_gives_way_and_computes_alone() -> None:
    class Asking:
        def batch(self, size: int, mosaic: float) -> tuple[int, int]:
            thread = threading.get_native_id()
            return torch.get_num_threads(), os.getpriority(os.PRIO_PROCESS, thread)

    given, own = torch.get_num_threads(), os.getpriority(os.PRIO_PROCESS, 0)
    with Prefetcher(Asking(), 1) as ahead:
        computing, niceness = ahead.batch(4, 0.0)
    assert computing == 1
    assert niceness > own or own == 19
    assert torch.get_num_threads() == given


def test_frames_made_ahead_are_those_made_in_turn(tmp_path: Path) -> None:
    examples = drawn_examples(tmp_path, 4, (0, 2), seed=1)
    in_turn, early = (
        DetectionBatches(examples, (96, 96), (64, 64), default_rng(3)) for _ in range(2)
    )
    with Prefetcher(early, 2) as ahead:
        for _ in range(4):
            (images, truth), (others, their_truth) = ahead.batch(3, 0.5), in_turn.batch(3, 0.5)
            np.testing.assert_array_equal(images, others)
            np.testing.assert_array_equal(truth.boxes, their_truth.boxes)
            np.testing.assert_array_equal(truth.labels, their_truth.labels)
