"""Boxes are where things are seen."""

from __future__ import annotations

import numpy as np
from PIL import Image
from research.drawing.canvas import Canvas

from lensmith.training.data.augment import Scene

RED, BLUE = (255, 0, 0, 255), (0, 0, 255, 255)


def test_a_box_is_around_what_was_painted() -> None:
    scene = _scene((Image.new("RGBA", (20, 10), RED), 4, (30, 12)))
    assert scene.boxes.tolist() == [[30, 12, 50, 22]]
    assert scene.labels.tolist() == [4]
    rows, columns = np.nonzero(scene.pixels[..., 0] == 255)
    assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (30, 12, 50, 22)


def test_a_box_ends_where_the_picture_does() -> None:
    scene = _scene((Image.new("RGBA", (20, 10), RED), 0, (-5, 56)))
    assert scene.boxes.tolist() == [[0, 56, 15, 64]]


def test_what_is_mostly_hidden_is_not_to_be_found() -> None:
    hidden = (Image.new("RGBA", (20, 20), RED), 0, (10, 10))
    cover = (Image.new("RGBA", (20, 20), BLUE), 1, (10, 15))
    assert _scene(hidden, cover).labels.tolist() == [1]
    aside = (Image.new("RGBA", (20, 20), BLUE), 1, (10, 20))
    assert _scene(hidden, aside).labels.tolist() == [0, 1]


def test_the_transparent_part_of_a_thing_hides_nothing() -> None:
    thing = (Image.new("RGBA", (20, 20), RED), 0, (10, 10))
    ring = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    ring.paste(BLUE, (0, 0, 20, 2))
    assert _scene(thing, (ring, 1, (10, 10))).labels.tolist() == [0, 1]


def test_a_sliver_at_the_border_is_not_to_be_found() -> None:
    assert not len(_scene((Image.new("RGBA", (20, 10), RED), 0, (-15, 30))).boxes)


def test_a_ground_alone_has_no_boxes() -> None:
    assert _scene().boxes.shape == (0, 4)


def _scene(*things: tuple[Image.Image, int, tuple[int, int]]) -> Scene:
    canvas = Canvas(Image.new("RGB", (64, 64)))
    for picture, label, corner in things:
        canvas.put(picture, label, corner)
    return canvas.scene(np.asarray(canvas.picture))
