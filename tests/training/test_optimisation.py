from __future__ import annotations

import math
import subprocess
import sys

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from lensmith.training.errors import DivergedError
from lensmith.training.hub_detector.fit import EMA_DECAY, ema_weight
from lensmith.training.optimisation import (
    FINAL_LR_FACTOR,
    ExponentialMovingAverage,
    Optimisation,
    adamw,
    cosine_factor,
    update_ema,
)


def small_network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))


def test_norms_and_biases_do_not_decay() -> None:
    first, _, last = small_network()
    groups = adamw([(first.parameters(), 0.1), (last.parameters(), 0.2)], 0.02).param_groups
    assert [(group["lr"], group["weight_decay"]) for group in groups] == [
        (0.1, 0.02),
        (0.1, 0.0),
        (0.2, 0.02),
        (0.2, 0.0),
    ]
    assert all(one.dim() == 1 for group in groups[1::2] for one in group["params"])


def test_its_steps_are_torch_s() -> None:
    """To the last bit, with a layer that gets no gradient for a while."""
    ours, theirs = small_network(), small_network()
    mine = adamw([(ours.parameters(), 0.1)], weight_decay=0.02)
    matrices = [each for each in theirs.parameters() if each.dim() > 1]
    vectors = [each for each in theirs.parameters() if each.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": 0.02}, {"params": vectors, "weight_decay": 0.0}]
    other = torch.optim.AdamW(groups, lr=0.1, fused=True)
    images = torch.arange(6.0).reshape(2, 3)
    for step in range(6):
        for network, optimiser in ((ours, mine), (theirs, other)):
            optimiser.param_groups[0]["lr"] = 0.1 / (step + 1)
            optimiser.zero_grad()
            layers = network[:1] if step < 2 else network
            layers(images).square().mean().backward()
            optimiser.step()
    for one, same in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(one, same)


def test_no_optimiser_imports_the_compiler() -> None:
    """It would take every training's process a second."""
    code = """
import sys, torch
from lensmith.training.optimisation import Optimisation
network = torch.nn.Linear(3, 1)
Optimisation(network, [(network.parameters(), 0.1)], 0.02).step(network(torch.ones(2, 3)).mean(), 1)
assert "torch._dynamo" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_cosine_is_torch_s() -> None:
    optimiser = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = CosineAnnealingLR(optimiser, T_max=10, eta_min=FINAL_LR_FACTOR)
    for step in range(11):
        assert cosine_factor(math.pi * step / 10) == pytest.approx(schedule.get_last_lr()[0])
        optimiser.step()
        schedule.step()


def test_the_average_of_weights_is_torch_s() -> None:
    """With its weight, and apart from what it does with statistics of norms."""
    network = small_network()
    ours = small_network()
    theirs = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(EMA_DECAY))  # type: ignore[no-untyped-call]
    for step in range(1, 5):
        for parameter in network.parameters():
            nn.init.normal_(parameter)
        update_ema(ours, network, ema_weight(step))
        theirs.update_parameters(network)
    for mine, other in zip(ours.parameters(), theirs.module.parameters(), strict=True):
        torch.testing.assert_close(mine, other)


def test_a_smoothed_constant_is_the_constant() -> None:
    smoothed = ExponentialMovingAverage()
    for _ in range(3):
        smoothed.add(0.25)
        assert smoothed.value == pytest.approx(0.25)


def test_a_loss_that_is_not_finite_ends_the_training_at_once() -> None:
    network = small_network()
    optimisation = Optimisation(network, [(network.parameters(), 1e30)], weight_decay=0.0)
    images = torch.ones(2, 3)
    optimisation.step(network(images).square().mean(), 1.0)
    with pytest.raises(DivergedError, match=r"diverged.*at iteration 2") as raised:
        optimisation.step(network(images).square().mean(), 1.0)
    assert raised.value.iteration == 2
