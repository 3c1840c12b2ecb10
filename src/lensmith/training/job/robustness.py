"""Measures the robustness of a model: changes test pictures and counts the answers that flip."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import structlog

from lensmith.evaluation.robustness import (
    CHANGES,
    Change,
    Flips,
    Robustness,
    count_flips,
    robustness,
)
from lensmith.inference.artefact import Artefact
from lensmith.inference.predictor import Predictor
from lensmith.training.job.picture_changes import can_make, changed, lossless, upright_picture
from lensmith.training.job.usable_images import UsableImage
from lensmith.training.job.variants import EvaluatedVariant

MAX_PICTURES, MAX_SECONDS = 24, 4.0
MAX_FRACTION = 0.05  # of a budget

_log = structlog.get_logger(__name__)


def measure_robustness(
    predictor: Predictor,
    images: Sequence[UsableImage],
    thresholds: Mapping[str, float],
    threads: int,
    *,
    changes: Sequence[Change] = CHANGES,
    pictures: int = MAX_PICTURES,
    seconds: float = MAX_SECONDS,
) -> Robustness | None:
    """Change up to `pictures` test images, drawn at random, and compare the answers.

    `predictor` is of one thread; `threads` images are changed at a time, 0 meaning one a core.
    After `seconds` no further picture is begun; the first of each thread always is. None without
    test images.
    """
    makeable = [change for change in changes if can_make(change)]
    drawn = np.random.default_rng(0).permutation(len(images))[:pictures]
    threads = min(threads or len(os.sched_getaffinity(0)), max(len(drawn), 1))
    until = time.monotonic() + seconds

    def of_image(place: int) -> list[Flips] | None:
        if place >= threads and time.monotonic() >= until:
            return None
        return _flips(predictor, images[int(drawn[place])], thresholds, makeable)

    with ThreadPoolExecutor(threads, thread_name_prefix="robustness") as pool:
        judged = [one for one in pool.map(of_image, range(len(drawn))) if one is not None]
    if not judged:
        return None
    flips = {
        change: sum((one[number] for one in judged), Flips())
        for number, change in enumerate(makeable)
    }
    return robustness(len(judged), flips, [one for one in changes if one not in flips])


def seconds_kept(budget: float | None) -> float:
    """Return the seconds of a training's budget that are kept for the measurement."""
    return MAX_SECONDS if budget is None else min(MAX_SECONDS, MAX_FRACTION * budget)


def with_robustness(
    evaluated: EvaluatedVariant,
    directory: Path,
    artefact: Artefact,
    images: Sequence[UsableImage],
    threads: int,
    *,
    seconds: float = MAX_SECONDS,
) -> EvaluatedVariant:
    """Add the robustness of the variant that is served to its report, if it can be measured.

    `seconds` is as in `measure_robustness`.
    """
    predictor = Predictor.of_variant(directory, artefact, evaluated.variant, threads=1)
    thresholds = dict(zip(artefact.labels, evaluated.variant.thresholds, strict=True))
    try:
        measured = measure_robustness(predictor, images, thresholds, threads, seconds=seconds)
    except Exception:  # noqa: BLE001 - whatever changing pictures provokes: the model itself is ready
        _log.exception("robustness cannot be measured")
        return evaluated
    return replace(evaluated, report=replace(evaluated.report, robustness=measured))


def _flips(
    predictor: Predictor,
    image: UsableImage,
    thresholds: Mapping[str, float],
    changes: Sequence[Change],
) -> list[Flips]:
    """Count the flips of one image under each change."""
    picture = upright_picture(image.file.read_bytes())
    before = predictor.predict(lossless(picture))
    return [
        count_flips(before, predictor.predict(changed(picture, change)), thresholds)
        for change in changes
    ]
