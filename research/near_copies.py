"""What near copies in the training set do to its cross-validation: decision 0023.

Makes frames of a moved camera from pictures of a set and compares the accuracy that
cross-validation promises, folds by picture and by scene, with that on the set's test pictures.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from bench.image_sets import folder_of, read_entries
from numpy.random import Generator, default_rng
from PIL import Image, ImageEnhance

from lensmith.health.scene_look import scene_look
from lensmith.health.scenes import group_scenes
from lensmith.training.backbone import BackboneName
from lensmith.training.budget import TimeBudget
from lensmith.training.classifier.dataset import LabelledPictures
from lensmith.training.classifier.frozen_features import FrozenCandidate, extract_features
from lensmith.training.classifier.linear_head import fit_head
from lensmith.training.classifier.network import LiteFeatures
from lensmith.training.classifier.recipe import ClassifierRecipe
from lensmith.training.data.example import Example


def frame(picture: Image.Image, rng: Generator) -> Image.Image:
    """Cut what a hand-held camera sees a moment later."""
    width, height = picture.size
    zoom = rng.uniform(0.93, 1.0)
    left, top = (0.1 + rng.uniform(-0.08, 0.08)) * width, (0.1 + rng.uniform(-0.08, 0.08)) * height
    turned = picture.rotate(rng.uniform(-4, 4), Image.Resampling.BICUBIC)
    seen = turned.crop(
        (int(left), int(top), int(left + 0.8 * zoom * width), int(top + 0.8 * zoom * height))
    )
    return ImageEnhance.Brightness(seen).enhance(rng.uniform(0.85, 1.15))


def examples_of(
    manifest: Path, folder: Path, bases: int | None, frames: int, rng: Generator
) -> tuple[list[Example], list[str]]:
    """Take `bases` pictures a label (None: all) and write `frames` frames of each."""
    chosen: dict[str, list[Path]] = {}
    for file, entry in read_entries(manifest):
        chosen.setdefault(next(iter(entry.label_names)), []).append(file)
    names = sorted(chosen)
    examples = []
    for label, name in enumerate(names):
        for file in chosen[name][:bases]:
            with Image.open(file) as opened:
                picture = opened.convert("RGB")
            for _ in range(frames):
                target = folder / f"{len(examples):05}-{manifest.stem}.jpg"
                frame(picture, rng).save(target, quality=90)
                examples.append(Example(target, (label,)))
    order = rng.permutation(len(examples)).tolist()
    return [examples[place] for place in order], names


def with_scenes(examples: Sequence[Example]) -> list[Example]:
    """Find the scenes as a training does; the names tell nothing."""
    looks = [scene_look(np.asarray(Image.open(example.image))) for example in examples]
    scenes = group_scenes([f"{place:x}-{place % 7}" for place in range(len(looks))], looks)
    return [
        replace(example, scene=int(scene)) for example, scene in zip(examples, scenes, strict=True)
    ]


def candidate_of(
    extractor: LiteFeatures, examples: Sequence[Example], labels: int
) -> tuple[LabelledPictures, FrozenCandidate]:
    recipe = ClassifierRecipe((BackboneName.LITE0,), views=4)
    data = LabelledPictures.of(examples, labels, recipe.folds, seed=0)
    return data, extract_features(
        extractor, data, recipe, TimeBudget(600.0, time.monotonic()), lambda: None
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m research.near_copies", description=__doc__)
    parser.add_argument("--set", default="grocery", help="of LENSMITH_DATA, one label a picture")
    parser.add_argument("--bases", type=int, default=3, help="pictures a label (default: 3)")
    parser.add_argument("--frames", type=int, default=5, help="of each picture (default: 5)")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    rng = default_rng(given.seed)
    with tempfile.TemporaryDirectory() as name:
        source, folder = folder_of(given.set), Path(name)
        train, labels = examples_of(
            source / "train.manifest", folder, given.bases, given.frames, rng
        )
        test, _ = examples_of(source / "test.manifest", folder, None, 1, rng)
        grouped = with_scenes(train)
        scenes = len({example.scene for example in grouped})
        made = given.bases * len(labels)
        print(f"{len(train)} frames of {made} pictures: {scenes} scenes found")
        extractor = LiteFeatures(BackboneName.LITE0)
        truth = np.array([example.labels[0] for example in test])
        _, seen = candidate_of(extractor, test, len(labels))
        for title, pictures in (("folds by picture", train), ("folds by scene", grouped)):
            data, candidate = candidate_of(extractor, pictures, len(labels))
            validation = candidate.validation
            assert validation is not None
            head = fit_head(candidate.views, data.truth, candidate.head, exclusive=True)
            said = head.logits(seen.views[:, 0]).argmax(1)
            print(
                f"{title}: cross-validated {validation.metric:.3f}, "
                f"test {float((said == truth).mean()):.3f}"
            )


if __name__ == "__main__":
    main()
