from __future__ import annotations

import torch

from lensmith.training.backbone import BackboneName, load_backbone, normalised
from lensmith.training.detector.frozen import FrozenStages
from lensmith.training.detector.network import Detector
from lensmith.training.device import this_machine


def test_frozen_stages_apart_compute_what_the_whole_network_does() -> None:
    network = Detector(load_backbone(BackboneName.LITE0), 2, torch.ones(3, 2))
    images = torch.randint(0, 256, (1, 64, 96, 3), dtype=torch.uint8)
    with torch.no_grad():
        expected = network.backbone.pyramid(normalised(images))
        for stages in (0, 3, 5):  # up to maps of none, one and two levels
            network.freeze(stages)
            start = FrozenStages(network, stages, this_machine())(images)
            maps = network.backbone.rest_of_pyramid(start)
            for mine, other in zip(maps, expected, strict=True):
                torch.testing.assert_close(mine, other, rtol=1e-3, atol=1e-3)
