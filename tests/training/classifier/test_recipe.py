from __future__ import annotations

from pathlib import Path

from lensmith.training.backbone import BackboneName
from lensmith.training.classifier.recipe import classifier_recipe, fine_tuning_recipe
from lensmith.training.data.example import Example


def test_many_pictures_get_fewer_views_and_one_backbone() -> None:
    few = classifier_recipe([Example(Path("a.png"), (0,))] * 60)
    many = classifier_recipe([Example(Path("a.png"), (0,))] * 5000)
    assert (few.views, many.views) == (8, 1)
    assert many.candidates == (BackboneName.LITE0,)


def test_few_pictures_a_label_are_fine_tuned_for_a_shorter_time() -> None:
    sizes = [(640, 480)] * 40
    usual, few = fine_tuning_recipe(sizes), fine_tuning_recipe(sizes, few=True)
    assert usual.iterations > few.iterations
    assert usual.input_size[0] > few.input_size[0]
    small = [(200, 200)] * 400
    assert fine_tuning_recipe(small) == fine_tuning_recipe(small, few=True)
