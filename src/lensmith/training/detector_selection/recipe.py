"""Recipes of the detectors that are compared, and the lead that decides between them."""

from __future__ import annotations

from dataclasses import dataclass

from lensmith.training.brand.recipe import USUAL_SCENE, SceneRecipe
from lensmith.training.detector.recipe import DetectorRecipe
from lensmith.training.hub_detector.recipe import HubDetectorRecipe


@dataclass(frozen=True, slots=True)
class SelectionRecipe:
    """Recipes that are None are chosen from the pictures."""

    bundled: DetectorRecipe | None = None
    hub: HubDetectorRecipe | None = None
    logos: DetectorRecipe | None = None
    scenes: SceneRecipe = USUAL_SCENE
    min_lead: float = 0.01  # in average precision, that makes a mostly slower detector worth it
