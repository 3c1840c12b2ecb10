"""What makes the training of a detector fast on a processor: each measure, taken away.

`LENSMITH_DATA=../shared/data python -m research.detector_speed` trains the same few iterations on
a set in a fresh process for each variant, in turns, and prints milliseconds an iteration, of wall
clock and of processor time. `--against TREE` compares this tree with another checkout instead.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.nn import functional

from lensmith.training.job.processes import ENVIRONMENT
from lensmith.training.optimisation import Part, adamw
from lensmith.training.threads import ComputeThreads
from research.ablation.variants import Variant as Changed
from research.ablation.variants import changed
from research.detector_iterations import Times, parser, times

THIS_TREE = Path(__file__).parents[1]


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
NO_PARTS = {"detector.fit.compute_threads": lambda _: ComputeThreads(1)}
NORMS_APART = {"backbone.conv_with_fixed_norm": norm_apart}
LABELS_CONVOLVED = {"detector.network.PointwiseConv.forward": nn.Conv2d.forward}
ADAMW_IN_PYTHON = {"optimisation.adamw": adamw_in_python}


@dataclass(frozen=True, slots=True)
class Variant:
    name: str
    parts: Mapping[str, Any] = field(default_factory=dict)  # names in lensmith.training
    options: tuple[str, ...] = ()


VARIANTS = (
    Variant("as training does it"),
    Variant("threads share operations, not batch and branches", NO_PARTS),
    Variant("frames and frozen stages not ahead", NOT_AHEAD),
    Variant("norms apart, PyTorch's gradients", NORMS_APART),
    Variant("norms folded, PyTorch's gradients", {"folded_conv.folded_conv": pytorch_conv}),
    Variant("layers of labels as convolutions", LABELS_CONVOLVED),
    Variant("AdamW in Python", ADAMW_IN_PYTHON),
    Variant(
        "none of these", NO_PARTS | NOT_AHEAD | NORMS_APART | LABELS_CONVOLVED | ADAMW_IN_PYTHON
    ),
    Variant("bfloat16", options=("--bfloat16",)),
    Variant("one thread", options=("--threads", "1")),
)


def main() -> None:
    options, of_run = _options(sys.argv[1:])
    if options.variant is not None:
        variant = VARIANTS[options.variant]
        with changed(Changed(variant.name, parts=variant.parts)):
            return print(json.dumps(asdict(times(options))))
    if options.against is not None:
        return _compare([THIS_TREE, options.against.resolve()], options, of_run)
    rounds = [
        [_variant_times(index, of_run) for index in range(len(VARIANTS))]
        for _ in range(options.rounds)
    ]
    names = [variant.name for variant in VARIANTS]
    return Console().print(_table("variant", names, rounds))


def _compare(trees: Sequence[Path], options: Namespace, of_run: Sequence[str]) -> None:
    """Print the times of each tree, and the losses of its first run."""
    rounds = [[_tree_times(tree, of_run) for tree in trees] for _ in range(options.rounds)]
    Console().print(_table("tree", [str(tree) for tree in trees], rounds))
    for tree, first in zip(trees, rounds[0], strict=True):
        print(tree, "losses", *(f"{loss:.4f}" for loss in first.losses))


def _options(arguments: Sequence[str]) -> tuple[Namespace, list[str]]:
    """Return the options of this module, and those of the runs."""
    own = ArgumentParser(prog="python -m research.detector_speed", parents=[parser()])
    own.add_argument("--rounds", type=int, default=2, help="over all variants; medians count")
    own.add_argument("--against", type=Path, help="another checkout, in turns with this one")
    own.add_argument("--variant", type=int, help="in this process, by its number from 0")
    options = own.parse_args(arguments)
    run = {"set": options.set, "iterations": options.iterations, "threads": options.threads}
    return options, [f"--{name}={value}" for name, value in run.items()]


def _variant_times(index: int, of_run: Sequence[str]) -> Times:
    own = [f"--variant={index}", *of_run, *VARIANTS[index].options]
    return _times_of([sys.executable, "-m", "research.detector_speed", *own], {})


def _tree_times(tree: Path, of_run: Sequence[str]) -> Times:
    """Run this tree's measurement, as a file, on the other's `lensmith` and `bench`."""
    file = THIS_TREE / "research" / "detector_iterations.py"
    path = os.pathsep.join([str(tree / "src"), str(tree)])
    return _times_of([sys.executable, str(file), *of_run], {"PYTHONPATH": path})


def _times_of(argv: Sequence[str], environment: Mapping[str, str]) -> Times:
    ended = subprocess.run(
        argv, env={**os.environ, **ENVIRONMENT, **environment}, capture_output=True, check=True
    )
    return Times(**json.loads(ended.stdout.splitlines()[-1]))


def _table(title: str, names: Sequence[str], rounds: Sequence[Sequence[Times]]) -> Table:
    """Show medians over the rounds, and how many times as fast the first row is."""
    table = Table(title, "ms an iteration: wall", "each round", "processor", "speed of the first")
    walls = [[one.wall for one in runs] for runs in zip(*rounds, strict=True)]
    cpus = [[one.cpu for one in runs] for runs in zip(*rounds, strict=True)]
    for name, wall, cpu in zip(names, walls, cpus, strict=True):
        each = " ".join(f"{one:.0f}" for one in wall)
        speed = f"{median(wall) / median(walls[0]):.2f}"
        table.add_row(name, f"{median(wall):.0f}", each, f"{median(cpu):.0f}", speed)
    return table


if __name__ == "__main__":
    main()
