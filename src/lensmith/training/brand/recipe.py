"""Recipe of the scenes that a detector of logos learns from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ViewRecipe:
    """How logos lie in a scene; deviations are those of normal distributions."""

    upright_probability: float = 0.3  # of the logos, which are only scaled
    turn: float = 0.25  # deviation in radians
    stretch: float = 0.12  # deviation as a fraction, also of the shear
    tilt: float = 0.12  # deviation of how much nearer an edge is than the middle
    max_tilt: float = 0.25


USUAL_VIEW = ViewRecipe()


@dataclass(frozen=True, slots=True)
class CameraRecipe:
    """Faults of the camera that takes a scene."""

    blur: float = 0.8  # deviation of the radius in pixels
    compression_probability: float = 0.4
    noise_probability: float = 0.4
    noise: float = 8.0  # deviation of the strength


@dataclass(frozen=True, slots=True)
class SceneRecipe:
    """Scenes of logos and distractors; sizes of logos are fractions of the shorter side."""

    logos: tuple[int, int] = (2, 6)  # fewest and most in a scene
    distractors: tuple[int, int] = (1, 7)
    distractor_pool: int = 240  # drawn once, from which each scene takes its own
    smallest: float = 0.09
    smallest_at_first: float = 0.3
    largest: float = 0.85
    curriculum: float = 0.3  # fraction of the images over which logos become small
    plate_probability: float = 0.4  # of logos on a sign
    own_colour_probability: float = 0.4  # of logos cut from a plain ground or of one tone
    picture_colour_probability: float = 0.8  # of other logos that keep their colours
    opacity: tuple[float, float] = (0.7, 1.0)  # of the ink
    shading: float = 0.12  # deviation of the gradient of light over a logo
    shading_probability: float = 0.5  # of logos that take the background's light
    occlusion_probability: float = 0.12  # of logos that are partly behind something
    view: ViewRecipe = USUAL_VIEW
    camera: CameraRecipe = CameraRecipe()
    validation_scenes: int = 24


USUAL_SCENE = SceneRecipe()
