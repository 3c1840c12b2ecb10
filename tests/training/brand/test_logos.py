from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.random import default_rng
from PIL import Image, ImageDraw
from tests.training.brand.drawn_logos import NAMES, SIDE, Colour, alpha_of, drawn_logo, stencil

from lensmith.training.brand.logos import Logo, cut_logo, read_logo

DARK, WHITE, BLUE, CREAM = (20, 20, 20), (255, 255, 255), (30, 60, 120), (244, 238, 220)


def alpha(logo: Logo) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.asarray(logo.layers[0].getchannel("A"), np.float32) / np.float32(255)


def cut(picture: Image.Image) -> Logo:
    return cut_logo(np.asarray(picture.convert("RGB")), 0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("ink", "background"), [(DARK, WHITE), (WHITE, BLUE), (BLUE, CREAM), ((200, 200, 200), WHITE)]
)
def test_the_ink_is_what_was_drawn(name: str, ink: Colour, background: Colour) -> None:
    logo = cut(drawn_logo(name, ink, background))
    assert logo.layers[0].size == (SIDE, SIDE)
    np.testing.assert_allclose(alpha(logo), alpha_of(name), atol=0.02)
    np.testing.assert_allclose(logo.colour, ink, atol=2)
    assert logo.background is not None
    np.testing.assert_allclose(logo.background, background, atol=1)
    assert logo.is_flat


def test_jpeg_noise_is_not_ink() -> None:
    file = io.BytesIO()
    drawn_logo("ring", DARK, WHITE).save(file, "JPEG", quality=70)
    found = alpha(cut(Image.open(file)))
    drawn = alpha_of("ring")
    assert found.shape == drawn.shape
    assert np.abs(found - drawn).mean() < 0.04
    assert found[20:36, 30:66].max() < 0.1  # a hole of the ring


def test_soft_edges_keep_the_ink_s_colour() -> None:
    large = drawn_logo("stairs", BLUE, WHITE).resize((60, 60), Image.Resampling.BOX)
    logo = cut(large)
    layer = np.asarray(logo.layers[0], np.float32)
    covered = layer[..., 3] > 90
    np.testing.assert_allclose(layer[covered][:, :3], np.tile(BLUE, (covered.sum(), 1)), atol=30)


def test_a_tile_to_the_edge_with_clear_corners_is_the_mark() -> None:
    tile = Image.new("RGB", (120, 120), WHITE)
    tile.paste(BLUE, (0, 0), _rounded(120))
    tile.paste(WHITE, (12, 12), stencil("stairs"))
    logo = cut(tile)
    assert logo.layers[0].size == (120, 120)
    assert alpha(logo)[60, 4] > 0.9  # the tile
    assert alpha(logo)[70, 70] < 0.1  # the sign in it, a hole


def test_a_mark_of_several_tones_keeps_its_colours() -> None:
    picture = drawn_logo("stairs", BLUE, WHITE)
    picture.paste((250, 200, 40), (76, 12, 108, 44))
    logo = cut(picture)
    assert not logo.is_flat
    layer = np.asarray(logo.layers[0])
    np.testing.assert_allclose(layer[16, 80, :3], (250, 200, 40), atol=2)
    np.testing.assert_allclose(layer[80, 20, :3], BLUE, atol=2)


def test_a_picture_without_a_plain_ground_is_pasted_whole() -> None:
    noise = default_rng(0).integers(0, 255, (80, 120, 3), dtype=np.uint8)
    logo = cut_logo(noise, 3)
    assert (logo.label, logo.background) == (3, None)
    assert logo.layers[0].size == (120, 80)
    assert alpha(logo)[20:60, 20:100].min() == 1
    assert alpha(logo)[0, 0] < 0.8  # its edge is soft


@pytest.mark.parametrize("colour", [WHITE, DARK])
def test_a_picture_of_one_colour_is_pasted_whole(colour: Colour) -> None:
    assert cut(Image.new("RGB", (70, 90), colour)).layers[0].size == (70, 90)


def test_transparency_says_where_the_mark_is(tmp_path: Path) -> None:
    """A white mark on nothing would be white on white."""
    picture = Image.new("RGBA", (120, 120), (255, 255, 255, 0))
    picture.paste((255, 255, 255, 255), (12, 12), stencil("ring"))
    picture.save(tmp_path / "logo.png")
    logo = read_logo(tmp_path / "logo.png", 1)
    assert logo.layers[0].size == (SIDE, SIDE)
    np.testing.assert_allclose(alpha(logo), alpha_of("ring"), atol=0.01)
    np.testing.assert_allclose(logo.colour, WHITE)


def test_an_opaque_alpha_channel_says_nothing(tmp_path: Path) -> None:
    drawn_logo("ring", DARK, WHITE).convert("RGBA").save(tmp_path / "logo.png")
    logo = read_logo(tmp_path / "logo.png", 0)
    np.testing.assert_allclose(alpha(logo), alpha_of("ring"), atol=0.02)


def test_layers_halve() -> None:
    logo = cut(drawn_logo("ring", DARK, WHITE).resize((900, 900)))
    assert [max(layer.size) for layer in logo.layers] == [320, 160, 80, 40, 20]
    assert max(logo.layer(90).size) == 160
    assert max(logo.layer(9).size) == 20
    assert max(logo.layer(5000).size) == 320


def _rounded(side: int) -> Image.Image:
    tile = Image.new("L", (side, side))
    ImageDraw.Draw(tile).rounded_rectangle((0, 0, side - 1, side - 1), side // 5, fill=255)
    return tile
