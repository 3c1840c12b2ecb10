from __future__ import annotations

from pathlib import Path

from lensmith.training.backbone import BackboneName
from lensmith.training.classifier.recipe import classifier_recipe
from lensmith.training.data.example import Example


def test_many_pictures_get_fewer_views_and_one_backbone() -> None:
    few = classifier_recipe([Example(Path("a.png"), (0,))] * 60)
    many = classifier_recipe([Example(Path("a.png"), (0,))] * 5000)
    assert (few.views, many.views) == (8, 1)
    assert many.candidates == (BackboneName.LITE0,)
