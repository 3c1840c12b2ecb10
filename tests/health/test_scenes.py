"""Which images show one scene."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.random import Generator, default_rng
from PIL import Image, ImageDraw, ImageEnhance

from lensmith.examples.example_project import EXAMPLES
from lensmith.health.scene_look import SceneLook, scene_look, taken_at
from lensmith.health.scenes import group_scenes

SIDE = 240


def scene(seed: int) -> Image.Image:
    """Shapes on a ground, larger than a frame of it."""
    rng = default_rng(seed)
    image = Image.new("RGB", (SIDE, SIDE), tuple(rng.integers(60, 200, 3).tolist()))
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        left, top = rng.uniform(0, SIDE, 2)
        width, height = rng.uniform(12, 60, 2)
        colour = tuple(rng.integers(0, 255, 3).tolist())
        shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
        shape((left, top, left + width, top + height), fill=colour)
    return image


def moved(image: Image.Image, rng: Generator) -> Image.Image:
    """A frame of a hand-held camera: moved, zoomed, turned and relit a little."""
    left, top = (0.1 + rng.uniform(-0.06, 0.06, 2)) * SIDE
    side = 0.8 * rng.uniform(0.95, 1.0) * SIDE
    turned = image.rotate(rng.uniform(-3, 3), Image.Resampling.BICUBIC)
    cut = turned.crop((int(left), int(top), int(left + side), int(top + side)))
    return ImageEnhance.Brightness(cut).enhance(rng.uniform(0.85, 1.15))


def look(image: Image.Image, at: float | None = None) -> SceneLook:
    return scene_look(np.asarray(image.convert("RGB")), at)


def numbered_apart(count: int) -> list[str]:
    return [f"s3://b/{chr(97 + place % 26)}{place // 26}x/picture.jpg" for place in range(count)]


def test_frames_of_a_moved_camera_are_one_scene_whatever_their_names() -> None:
    rng = default_rng(0)
    images = [moved(scene(seed), rng) for seed in range(12) for _ in range(3)]
    groups = group_scenes(numbered_apart(36), [look(image) for image in images])
    assert groups.tolist() == np.repeat(groups[::3], 3).tolist()
    assert len(set(groups.tolist())) == 12


@pytest.mark.parametrize("example", ["rooms", "flowers", "circuitboard"])
def test_pictures_of_one_kind_are_scenes_of_their_own(example: str) -> None:
    files = sorted(EXAMPLES[example].picture("train", "").glob("*.jpg"))[:30]
    looks = [look(Image.open(file)) for file in files]
    assert len(set(group_scenes([str(file) for file in files], looks).tolist())) == 30


def test_copies_turned_mirrored_or_recoded_are_one_scene() -> None:
    image = scene(3)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=40)
    copies = [image, image.rotate(90), image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)]
    copies += [Image.open(buffer), scene(4)]
    groups = group_scenes(numbered_apart(5), [look(copy) for copy in copies]).tolist()
    assert len(set(groups[:4])) == 1
    assert groups[4] != groups[0]


def test_augmented_copies_of_an_export_are_known_by_their_names() -> None:
    names = [f"s3://b/train/park_jpg.rf.{digit * 32}.jpg" for digit in "0a"]
    groups = group_scenes([*names, "s3://b/train/lot_jpg.rf.00112233445566778899.jpg"], [None] * 3)
    assert groups[0] == groups[1] != groups[2]


def test_neighbours_need_to_match_less() -> None:
    first, second = scene(5), scene(5)
    ImageDraw.Draw(second).rectangle((90, 90, 170, 140), fill=(150, 150, 150))  # a van drives by
    pair = [first.crop((24, 24, 216, 216)), second.crop((34, 26, 226, 218))]
    apart = group_scenes(numbered_apart(2), [look(image) for image in pair])
    assert apart[0] != apart[1]
    numbered = group_scenes(["film/f_0010.jpg", "film/f_0040.jpg"], [look(i) for i in pair])
    assert numbered[0] == numbered[1]
    burst = group_scenes(numbered_apart(2), [look(pair[0], 100.0), look(pair[1], 102.0)])
    assert burst[0] == burst[1]
    later = group_scenes(numbered_apart(2), [look(pair[0], 100.0), look(pair[1], 900.0)])
    assert later[0] != later[1]


def test_a_sequence_of_names_alone_links_nothing() -> None:
    names = [f"film/f_{place:04}.jpg" for place in range(10)]
    looks = [look(scene(seed)) for seed in range(10)]
    assert len(set(group_scenes(names, looks).tolist())) == 10


def test_no_image_one_image_and_blank_images() -> None:
    assert group_scenes([], []).tolist() == []
    assert group_scenes(["a.jpg"], [look(scene(0))]).tolist() == [0]
    blank = look(Image.new("RGB", (SIDE, SIDE), "white"))
    assert len(set(group_scenes(["a/x.jpg", "b/y.jpg"], [blank, blank]).tolist())) == 2


def test_the_camera_says_when(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2026:11:30 04:20:55"
    scene(0).save(tmp_path / "a.jpg", exif=exif)
    scene(0).save(tmp_path / "b.jpg")
    assert taken_at((tmp_path / "a.jpg").read_bytes()) is not None
    assert taken_at((tmp_path / "b.jpg").read_bytes()) is None
    assert taken_at(b"\xff\xd8\xff\xe1no exif at all") is None
