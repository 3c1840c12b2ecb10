"""What makes fine-tuning fast on a processor: each setting of the training process, taken away.

`python -m research.training_speed` times the same steps of fine-tuning in a fresh process for each
variant, three times in turn, prints pictures a second and writes them to
research/results/training_speed.json.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import torch
from rich.console import Console
from rich.table import Table

from lensmith.training.backbone import BackboneName, load_backbone
from lensmith.training.classifier.fine_tuning import (
    classification_loss,
    logits_in_threads,
    prepare,
)
from lensmith.training.classifier.network import MaxPoolClassifier
from lensmith.training.classifier.recipe import FineTuningRecipe
from lensmith.training.data.pictures import use_threads
from lensmith.training.job.processes import ENVIRONMENT
from lensmith.training.optimisation import Optimisation
from lensmith.training.threads import ComputeThreads

RECIPE = FineTuningRecipe(input_size=(320, 320), iterations=0, more_iterations=0)
RESULTS = Path(__file__).parent / "results"
WARM_STEPS, STEPS, LABELS = 2, 10, 10
ROUNDS = 3  # over all variants; the median counts


@dataclass(frozen=True, slots=True)
class Variant:
    name: str
    memory_format: str = "channels_last"
    bfloat16: bool = False
    threads: int = 0
    shares: bool = True  # of the batch, one for each thread
    without: tuple[str, ...] = field(default=())  # settings of the environment, by their start


VARIANTS = (
    Variant("as training does it"),
    Variant("threads share operations, not the batch", shares=False),
    Variant("contiguous instead of channels-last", memory_format="contiguous_format"),
    Variant("allocator as glibc has it", without=("MALLOC",)),
    Variant("waiting threads spin", without=("OMP",)),
    Variant("bfloat16", bfloat16=True, shares=False),
    Variant("one thread", threads=1),
)


def main() -> None:
    if sys.argv[1:]:
        return print(json.dumps(_pictures_a_second(VARIANTS[int(sys.argv[1])])))
    rounds = [[_measured(index) for index in range(len(VARIANTS))] for _ in range(ROUNDS)]
    speeds = {
        variant.name: median(times)
        for variant, times in zip(VARIANTS, zip(*rounds, strict=True), strict=True)
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "training_speed.json").write_text(json.dumps(speeds, indent=1))
    usual = speeds[VARIANTS[0].name]
    table = Table("fine-tuning Lite0, 320 px, batch of 8", "pictures/s", "of usual")
    for name, speed in speeds.items():
        table.add_row(name, f"{speed:.1f}", f"{speed / usual:.2f}")
    return Console().print(table)


def _measured(index: int) -> float:
    dropped = VARIANTS[index].without
    given = {name: value for name, value in ENVIRONMENT.items() if not name.startswith(dropped)}
    usual = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    argv = [sys.executable, "-m", "research.training_speed", str(index)]
    ended = subprocess.run(
        argv, env={**usual, **(given if dropped else ENVIRONMENT)}, capture_output=True, check=True
    )
    return float(ended.stdout.splitlines()[-1])


def _pictures_a_second(variant: Variant) -> float:
    count = use_threads(variant.threads)
    shares = ComputeThreads(count if variant.shares else 1)
    backbone = load_backbone(BackboneName.LITE0)
    memory_format = getattr(torch, variant.memory_format)
    network = MaxPoolClassifier(backbone, LABELS, exclusive=True).to(memory_format=memory_format)  # type: ignore[call-overload]
    prepare(network, RECIPE)
    parts = [(network.parameters(), RECIPE.learning_rate)]
    optimisation = Optimisation(network, parts, RECIPE.weight_decay, threads=shares)
    width, height = RECIPE.input_size
    images = torch.randint(0, 256, (RECIPE.batch, height, width, 3), dtype=torch.uint8)
    truth = torch.eye(LABELS)[: RECIPE.batch]
    began = 0.0
    for step in range(WARM_STEPS + STEPS):
        began = time.perf_counter() if step == WARM_STEPS else began
        with torch.autocast("cpu", torch.bfloat16) if variant.bfloat16 else nullcontext():
            logits = logits_in_threads(network, images, shares)
        optimisation.step(classification_loss(logits.float(), truth, exclusive=True), 1.0)
    return STEPS * RECIPE.batch / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
