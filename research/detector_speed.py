"""What makes the training of a detector fast on a processor: each measure, taken away.

`LENSMITH_DATA=../shared/data python -m research.detector_speed` trains the same few iterations on
a set in a fresh process for each variant, in turns, and prints milliseconds an iteration, of wall
clock and of processor time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

import torch
from bench.localization.sets import boxed_examples, folder_and_part, learnt_from, read_boxed_set
from numpy.random import default_rng
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.nn import functional

from lensmith.domain.job import Progress
from lensmith.training.budget import TimeBudget
from lensmith.training.data.pictures import picture_size, use_threads
from lensmith.training.detector.batches import DetectionBatches
from lensmith.training.detector.fit import fit
from lensmith.training.detector.recipe import detector_recipe
from lensmith.training.detector.train import level_priors, started
from lensmith.training.device import this_machine
from lensmith.training.job.launcher import ENVIRONMENT
from lensmith.training.optimisation import Part, adamw
from lensmith.training.settings import TrainingSettings
from research.ablation.variants import NEVER, changed
from research.ablation.variants import Variant as Changed

UNBOUNDED_SECONDS = 86_400.0


def norm_apart(conv: nn.Conv2d, norm: nn.BatchNorm2d, x: Tensor, *, linear: bool) -> Tensor:
    """In the place of `conv_with_fixed_norm`."""
    y = norm(conv(x))
    return y if linear else functional.relu6(y, inplace=True)


def pytorch_conv(
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
    *,
    stride: int,
    padding: int,
    groups: int,
    linear: bool,
) -> Tensor:
    """In the place of `folded_conv`."""
    y = functional.conv2d(x, weight, bias, stride, padding, 1, groups)
    return y if linear else functional.relu6(y, inplace=True)


def adamw_in_python(parts: Iterable[Part], weight_decay: float) -> torch.optim.AdamW:
    """In the place of `adamw`."""
    groups = adamw(parts, weight_decay).param_groups
    return torch.optim.AdamW(groups, fused=False, foreach=False)  # type: ignore[arg-type]


NOT_AHEAD = {"detector.fit.prefetch_depth": lambda _: 0}
NORMS_APART = {"backbone.conv_with_fixed_norm": norm_apart}
LABELS_CONVOLVED = {"detector.network.PointwiseConv.forward": nn.Conv2d.forward}
ADAMW_IN_PYTHON = {"optimisation.adamw": adamw_in_python}


@dataclass(frozen=True, slots=True)
class Variant:
    name: str
    parts: Mapping[str, Any] = field(default_factory=dict)  # names in lensmith.training
    bfloat16: bool = False
    threads: int = 0


VARIANTS = (
    Variant("as training does it"),
    Variant("frames and frozen stages not ahead", NOT_AHEAD),
    Variant("norms apart, PyTorch's gradients", NORMS_APART),
    Variant("norms folded, PyTorch's gradients", {"folded_conv.folded_conv": pytorch_conv}),
    Variant("layers of labels as convolutions", LABELS_CONVOLVED),
    Variant("AdamW in Python", ADAMW_IN_PYTHON),
    Variant("none of these", NOT_AHEAD | NORMS_APART | LABELS_CONVOLVED | ADAMW_IN_PYTHON),
    Variant("bfloat16", bfloat16=True),
    Variant("one thread", threads=1),
)


def main() -> None:
    options = _options(sys.argv[1:])
    if options.variant is not None:
        return print(json.dumps(_times(VARIANTS[options.variant], options)))
    rounds = [[_measured(index) for index in range(len(VARIANTS))] for _ in range(options.rounds)]
    medians = [
        [median(one) for one in zip(*times, strict=True)] for times in zip(*rounds, strict=True)
    ]
    table = Table(f"{options.set}, milliseconds an iteration", "wall", "of usual", "processor")
    for variant, (wall, cpu) in zip(VARIANTS, medians, strict=True):
        table.add_row(variant.name, f"{wall:.0f}", f"{wall / medians[0][0]:.2f}", f"{cpu:.0f}")
    return Console().print(table)


def _options(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(prog="python -m research.detector_speed")
    parser.add_argument("--set", default="cards40")
    parser.add_argument("--iterations", type=int, default=25)
    parser.add_argument("--rounds", type=int, default=2, help="over all variants; medians count")
    parser.add_argument("--variant", type=int, help="in this process, by its number from 0")
    return parser.parse_args(arguments)


def _measured(index: int) -> list[float]:
    argv = [sys.executable, "-m", "research.detector_speed", *sys.argv[1:], "--variant", str(index)]
    ended = subprocess.run(argv, env=os.environ | ENVIRONMENT, capture_output=True, check=True)
    answer: list[float] = json.loads(ended.stdout.splitlines()[-1])
    return answer


def _times(variant: Variant, options: Namespace) -> tuple[float, float]:
    """Measure milliseconds an iteration: of wall clock, and of all threads."""
    threads = use_threads(variant.threads)
    folder, part = folder_and_part(options.set)
    images = read_boxed_set(folder)
    examples = boxed_examples(learnt_from(images, part, 0), images.labels)
    sizes = [picture_size(example.image) for example in examples]
    recipe = detector_recipe(examples, sizes, TrainingSettings(threads=threads))
    recipe = replace(recipe, iterations=options.iterations, stop_recall=NEVER)
    batches = DetectionBatches(examples, recipe.input_size, recipe.view, default_rng(0))
    batches.batch(len(examples), mosaic=0.0)  # decodes all pictures
    torch.manual_seed(0)
    priors = level_priors(examples, sizes, recipe.input_size)
    network = started(len(images.labels), recipe, priors)
    machine = this_machine()
    if variant.bfloat16:
        machine = replace(machine, autocast=torch.bfloat16)
    marks: list[tuple[int, float, float]] = []

    def mark(progress: Progress) -> None:
        marks.append((progress.step, time.perf_counter(), time.process_time()))

    budget = TimeBudget.from_now(UNBOUNDED_SECONDS)
    with changed(Changed(variant.name, parts=variant.parts)):
        fit(network, batches, recipe, budget, mark, machine=machine)
    (first, *begin), (last, *end) = marks[0], marks[-1]
    wall, cpu = (1000 * (b - a) / (last - first) for a, b in zip(begin, end, strict=True))
    return wall, cpu


if __name__ == "__main__":
    main()
