from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from lensmith.training.backbone import BASE_STAGES, BackboneName, load_backbone
from lensmith.training.classifier.fine_tuning import logits_in_threads, prepare
from lensmith.training.classifier.network import MaxPoolClassifier
from lensmith.training.classifier.recipe import FineTuningRecipe
from lensmith.training.detector.network import Detector
from lensmith.training.device import Machine
from lensmith.training.threads import Call, ComputeThreads, compute_threads


def small_network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 1))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_shares_of_a_batch_have_the_gradients_of_the_whole(count: int) -> None:
    network, x = small_network(), torch.randn(4, 3, 8, 8, requires_grad=True)
    (network(x) ** 2).sum().backward()
    expected = _taken_gradients(network, x)
    with ComputeThreads(count) as threads:
        (answer,) = threads.split(lambda share: (network(share),), x, network.parameters())
        (answer**2).sum().backward()  # type: ignore[no-untyped-call]
    for mine, other in zip(_taken_gradients(network, x), expected, strict=True):
        torch.testing.assert_close(mine, other)


def test_parts_without_a_parameter_or_a_gradient_of_their_input() -> None:
    shared, own = nn.Linear(3, 3), nn.Linear(3, 3)
    unused = nn.Parameter(torch.ones(1))
    frozen = nn.Parameter(torch.ones(1), requires_grad=False)
    x, y = torch.randn(2, 3), torch.randn(2, 3, requires_grad=True)
    with ComputeThreads(2) as threads:
        calls = [
            Call(lambda x: (shared(x) * frozen, x.detach()), x),
            Call(lambda x: (own(shared(x)),), y),
        ]
        (first, given), (second,) = threads.answers(
            calls, [*shared.parameters(), *own.parameters(), unused, frozen]
        )
        assert torch.equal(given, x)
        (first.sum() + second.sum()).backward()  # type: ignore[no-untyped-call]
    assert unused.grad is None
    assert frozen.grad is None
    assert x.grad is None
    assert y.grad is not None
    found = [own.weight.grad, shared.weight.grad]
    own.weight.grad = shared.weight.grad = None
    (shared(x).sum() + own(shared(y)).sum()).backward()
    for mine, other in zip(found, [own.weight.grad, shared.weight.grad], strict=True):
        torch.testing.assert_close(mine, other)


def test_a_part_that_fails_is_heard() -> None:
    def broken(_: Tensor) -> tuple[Tensor, ...]:
        raise ValueError("broken")

    with ComputeThreads(2) as threads, pytest.raises(ValueError, match="broken"):
        threads.split(broken, torch.ones(2, 3), [nn.Parameter(torch.ones(1))])


def test_threads_are_for_a_processor() -> None:
    assert compute_threads(Machine(torch.device("cuda"))).count == 1
    assert compute_threads(Machine(torch.device("cpu"), torch.bfloat16)).count == 1


@pytest.mark.parametrize(("cores", "count", "each"), [(1, 1, 1), (2, 2, 1), (5, 2, 2)])
def test_two_threads_share_the_cores(cores: int, count: int, each: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(cores)
    try:
        with compute_threads(Machine(torch.device("cpu"))) as threads:
            assert threads.count == count
            assert threads.each(lambda _: torch.get_num_threads(), range(count)) == [each] * count
        assert torch.get_num_threads() == cores
    finally:
        torch.set_num_threads(before)


def test_a_classifier_in_threads_learns_what_it_does_alone() -> None:
    network = MaxPoolClassifier(load_backbone(BackboneName.LITE0), 3, exclusive=True)
    prepare(network, FineTuningRecipe((96, 64), iterations=1, more_iterations=1))
    torch.manual_seed(0)
    images = torch.randint(0, 256, (3, 64, 96, 3), dtype=torch.uint8)
    network.logits(images).square().sum().backward()  # type: ignore[no-untyped-call]
    expected = [network.logits(images).detach(), *_relative_gradients(network)]
    network.zero_grad()
    with ComputeThreads(2) as threads:
        logits = logits_in_threads(network, images, threads)
        logits.square().sum().backward()  # type: ignore[no-untyped-call]
    found = [logits.detach(), *_relative_gradients(network)]
    for mine, other in zip(found, expected, strict=True):
        torch.testing.assert_close(mine, other, rtol=2e-3, atol=2e-4)


def test_a_detector_in_threads_learns_what_it_does_alone() -> None:
    """Answers and gradients to rounding, the same bits each time, and statistics of the batch."""
    alone, *again = [_learnt(count) for count in (1, 2, 2, 3)]
    for mine, other in zip(again[0], again[1], strict=True):
        assert torch.equal(mine, other)
    for each in (again[0], again[2]):
        for mine, other in zip(each, alone, strict=True):
            torch.testing.assert_close(mine, other, rtol=2e-3, atol=2e-4)


def test_a_detector_whose_backbone_is_frozen_learns_in_threads() -> None:
    assert len(_learnt(2, frozen_stages=len(BASE_STAGES))) > 0


def _learnt(count: int, frozen_stages: int = 3) -> list[Tensor]:
    """Return answers, gradients relative to their largest, and buffers after one pass."""
    torch.manual_seed(0)
    network = Detector(load_backbone(BackboneName.LITE0), 2, torch.full((3, 2), 30.0))
    network.freeze(frozen_stages)
    network.train()
    image = torch.randn(3, 3, 64, 96).to(memory_format=torch.channels_last)
    start = network.backbone.start_of_pyramid(image, frozen_stages)
    with ComputeThreads(count) as threads:
        predicted = network.from_start(start, threads)
        (predicted.scores.square().sum() + predicted.boxes.mean()).backward()  # type: ignore[no-untyped-call]
    gradients = _relative_gradients(network)
    return [
        predicted.scores.detach(),
        predicted.boxes.detach(),
        *gradients,
        *network.head.buffers(),
    ]


def _relative_gradients(network: nn.Module) -> list[Tensor]:
    """Return gradients relative to the largest of each."""
    gradients = [each.grad for each in network.parameters() if each.grad is not None]
    peak = max(float(each.abs().max()) for each in gradients)  # those before a norm's mean are 0
    return [each / each.abs().max().clamp(min=1e-3 * peak) for each in gradients]


def _taken_gradients(network: nn.Module, x: Tensor) -> list[Tensor]:
    gradients = [each.grad for each in (x, *network.parameters()) if each.grad is not None]
    x.grad = None
    network.zero_grad()
    return gradients
