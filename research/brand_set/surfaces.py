"""Flat things held into a camera: where the points of a tilted rectangle are seen."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

Floats = NDArray[np.float64]

DISTANCE = 2.6  # of the camera, in diagonals of the thing
SAMPLES = 3  # a side of a pixel


def tilted_homography(size: tuple[float, float], rng: Generator) -> Floats:
    """From the plane of a thing, its middle at the origin, to a picture with the same middle.

    `size` is its width and height; lengths stay about the same. Yaw and pitch are mostly small.
    """
    yaw, pitch, roll = rng.normal(0, (0.45, 0.3, 0.2)).clip(-0.95, 0.95)
    turned = _about(1, yaw) @ _about(0, pitch) @ _about(2, roll)
    away = DISTANCE * float(np.hypot(*size))
    across, down = (turned[axis, :2].tolist() for axis in (0, 1))
    return np.array([[*across, 0.0], [*down, 0.0], [*turned[2, :2] / away, 1.0]])


def seen(plane: NDArray[np.float32], homography: Floats, size: tuple[int, int]) -> Floats:
    """The picture [h, w] of `plane` [h, w], whose middle the homography leaves in the middle."""
    width, height = size
    offsets = (np.arange(SAMPLES) + 0.5) / SAMPLES
    xs = (np.arange(width)[:, None] + offsets).ravel() - width / 2
    ys = (np.arange(height)[:, None] + offsets).ravel() - height / 2
    grid = np.stack([*np.meshgrid(xs, ys), np.ones((len(ys), len(xs)))])
    x, y, depth = np.tensordot(np.linalg.inv(homography), grid, 1)
    rows, columns = y / depth + plane.shape[0] / 2 - 0.5, x / depth + plane.shape[1] / 2 - 0.5
    samples: Floats = map_coordinates(plane, [rows, columns], order=1, output=np.float64)
    picture: Floats = samples.reshape(height, SAMPLES, width, SAMPLES).mean((1, 3))
    return picture


def corners_seen(size: tuple[float, float], homography: Floats) -> Floats:
    """[4, 2] x, y of a rectangle's corners, relative to its middle."""
    width, height = size
    corners = np.array([[x * width / 2, y * height / 2, 1] for x, y in _CORNERS]) @ homography.T
    return corners[:, :2] / corners[:, 2:]


_CORNERS = ((-1, -1), (1, -1), (1, 1), (-1, 1))


def _about(axis: int, angle: float) -> Floats:
    turn = np.eye(3)
    a, b = [one for one in range(3) if one != axis]
    turn[a, a] = turn[b, b] = np.cos(angle)
    turn[a, b], turn[b, a] = -np.sin(angle), np.sin(angle)
    return turn
