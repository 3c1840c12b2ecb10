"""Logos: marks alone for training; test scenes that carry them, each in a box."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from random import Random

import numpy as np
from PIL import Image

from research.example_pictures import exteriors as outside
from research.example_pictures import furniture, marks, materials
from research.example_pictures.collection import Collection, Job
from research.example_pictures.fixtures import CHROME
from research.example_pictures.marks import BRANDS
from research.example_pictures.povray import (
    Camera,
    box,
    cylinder,
    difference,
    gloss,
    light,
    matte,
    placed,
    render,
    soft_box,
    surface,
    tint,
    torus,
)

_ALONE, _SCENES = 12, 36
_SHAPE = (512, 384)


def _jobs() -> list[Job]:
    jobs = [
        Job("train", f"{brand}_{i:02d}.jpg", brand)
        for brand in BRANDS
        for i in range(1, _ALONE + 1)
    ]
    kinds = tuple(_KINDS)
    jobs += [
        Job("test", f"scene_{i:02d}.jpg", kinds[i % len(kinds)]) for i in range(1, _SCENES + 1)
    ]
    return [*jobs, Job("sample", "logos.jpg", "shop")]


@dataclass
class _Scene:
    """Scene text, and where marks are: brand and grids of points in space."""

    text: str = ""
    marks: list[tuple[str, np.ndarray]] = field(default_factory=list)

    def add(self, brand: str, tone: str, grid: np.ndarray) -> None:
        """Print a mark on a surface: `grid` (rows, columns, 3) from its foot up, left to right."""
        path = materials.saved(marks.mark(brand, tone))
        self.text += _printed(grid, path)
        rows, columns = grid.shape[:2]
        spots = marks.outline(brand)
        u, v = spots[:, 0] * (columns - 1), spots[:, 1] * (rows - 1)
        i, j = np.minimum(v.astype(int), rows - 2), np.minimum(u.astype(int), columns - 2)
        a, b = (v - i)[:, None], (u - j)[:, None]
        low = grid[i, j] * (1 - b) + grid[i, j + 1] * b
        high = grid[i + 1, j] * (1 - b) + grid[i + 1, j + 1] * b
        self.marks.append((brand, low * (1 - a) + high * a))

    def flat(
        self, rng: Random, brand: str, centre, right, up, height: float, tone: str = ""
    ) -> None:
        """Print a mark of a height on a plane that `right` and `up` span."""
        shape = marks.mark(brand)
        right, up = (np.array(v, dtype=float) / np.linalg.norm(v) for v in (right, up))
        width = height * shape.width / shape.height
        v, u = np.mgrid[-0.5:0.5:5j, -0.5:0.5:5j]
        grid = np.array(centre) + u[..., None] * width * right + v[..., None] * height * up
        self.add(brand, tone or rng.choice(("colour", "white", "black")), grid)

    def boxes(self, camera: Camera) -> list[dict]:
        found = []
        for brand, points in self.marks:
            seen = camera.project(points)
            left, top = np.floor(np.clip(seen.min(axis=0), 0, None))
            right, bottom = np.ceil(np.minimum(seen.max(axis=0), _SHAPE))
            if right - left > 8 and bottom - top > 8:
                found.append(
                    {
                        "label": brand,
                        "left": int(left),
                        "top": int(top),
                        "width": int(right - left),
                        "height": int(bottom - top),
                    }
                )
        return found


def _printed(grid: np.ndarray, path: str) -> str:
    rows, columns = grid.shape[:2]
    faces = []
    for r in range(rows - 1):
        for c in range(columns - 1):
            i = r * columns + c
            faces.append(f"<{i},{i + 1},{i + columns}>,<{i + 1},{i + columns + 1},{i + columns}>")
    points = ",".join(f"<{x:.4f},{y:.4f},{z:.4f}>" for x, y, z in grid.reshape(-1, 3))
    uv = ",".join(
        f"<{c / (columns - 1):.4f},{r / (rows - 1):.4f}>"
        for r in range(rows)
        for c in range(columns)
    )
    return (
        f"mesh2 {{ vertex_vectors {{ {rows * columns}, {points} }} uv_vectors {{ {rows * columns}, {uv} }} face_indices {{ {2 * len(faces)}, {','.join(faces)} }} "
        f'uv_mapping texture {{ pigment {{ image_map {{ png "{path}" interpolate 2 }} }} finish {{ ambient 0 diffuse 0.8 }} }} no_shadow }}\n'
    )


def _tone(rng: Random, dark: bool) -> str:
    return "white" if dark else rng.choice(("colour", "colour", "colour", "black"))


def _lamps(rng: Random, indoors: bool = True) -> str:
    warm = (1.0, rng.uniform(0.88, 1.0), rng.uniform(0.74, 1.0))
    strength = rng.uniform(0.7, 1.1)
    parts = light(
        (rng.uniform(-4, 4), rng.uniform(3.5, 6), rng.uniform(-6, -2)),
        [c * strength for c in warm],
        "area_light <1.2,0,0>, <0,0,1.2>, 3, 3 adaptive 1 jitter",
    )
    return (
        parts
        + light((0, 4, -6), (0.35, 0.36, 0.38), "shadowless")
        + ("background { rgb 0.6 }\n" if indoors else "")
    )


def _wall_and_floor(rng: Random, z: float) -> str:
    tone = tint(rng, rng.choice(((0.85, 0.83, 0.78), (0.62, 0.68, 0.7), (0.75, 0.7, 0.62))))
    wall = (
        materials.coloured(rng, "rough", tone, (2, 2), 0.15)
        if rng.random() < 0.5
        else materials.mapped(
            materials.bricks(rng, tint(rng, (0.62, 0.4, 0.32))), "back", (1.2, 1.2)
        )
    )
    floor = (
        materials.mapped(
            materials.planks(rng, tint(rng, rng.choice(furniture.WOODS))), "floor", (2.4, 1.1)
        )
        if rng.random() < 0.5
        else materials.coloured(rng, "rough", (0.6, 0.6, 0.58), (2, 2), 0.4, "", "floor")
    )
    return box((-9, -1, z), (9, 6, z + 0.2), wall) + box((-9, -0.1, -9), (9, 0, z), floor)


def _shop(rng: Random) -> tuple[_Scene, Camera]:
    """A shop front: sign above the window, a mark on the glass, a board on the pavement."""
    scene = _Scene()
    brand = rng.choice(BRANDS)
    scene.text = outside.sky(rng) + outside._blades(rng)
    pavement = materials.mapped(
        materials.paving(rng, tint(rng, (0.62, 0.6, 0.58))), "floor", (2, 2)
    )
    scene.text += box((-12, -0.1, -12), (12, 0, 0.5), pavement) + box(
        (-9, 0, 0), (9, 6, 1), outside.facade(rng)
    )
    paint = tint(
        rng,
        rng.choice(
            (
                (0.15, 0.22, 0.28),
                (0.2, 0.32, 0.25),
                (0.85, 0.82, 0.76),
                (0.45, 0.12, 0.12),
                (0.92, 0.9, 0.88),
            )
        ),
    )
    front, dark = matte(paint, "specular 0.2"), sum(paint) < 1.5
    x = rng.uniform(-0.5, 0.5)
    scene.text += box((x - 2.3, 0, -0.12), (x + 2.3, 2.6, 0), front) + box(
        (x - 2.5, 2.6, -0.2), (x + 2.5, 3.5, 0), front
    )
    pane = gloss((0.1, 0.13, 0.15), 0.25)
    scene.text += (
        box((x - 2.1, 0.5, -0.14), (x + 0.7, 2.4, -0.1), pane)
        + box((x + 0.95, 0.1, -0.14), (x + 2.1, 2.4, -0.1), pane)
        + cylinder((x + 1.1, 1.0, -0.22), (x + 1.1, 1.4, -0.22), 0.02, CHROME)
    )
    scene.flat(
        rng,
        brand,
        (x + rng.uniform(-0.8, 0.8), 3.05, -0.21),
        (1, 0, 0),
        (0, 1, 0),
        rng.uniform(0.66, 0.8),
        _tone(rng, dark),
    )
    if rng.random() < 0.7:
        scene.flat(
            rng,
            rng.choice((brand, brand, rng.choice(BRANDS))),
            (x - rng.uniform(0.3, 1.1), 1.5, -0.145),
            (1, 0, 0),
            (0, 1, 0),
            rng.uniform(0.7, 1.0),
            "white",
        )
    if rng.random() < 0.75:  # a board on the pavement
        bx, bz, turn = (
            x + rng.choice((-1, 1)) * rng.uniform(0.8, 1.6),
            -1.2,
            math.radians(rng.uniform(-25, 25)),
        )
        chalk = matte((0.13, 0.14, 0.14))
        right, lean = np.array((math.cos(turn), 0, -math.sin(turn))), math.radians(14)
        ahead = np.array((-math.sin(turn), 0, -math.cos(turn)))
        up = np.array((0, math.cos(lean), 0)) - ahead * math.sin(lean)
        centre = np.array((bx, 0.55, bz))
        scene.text += placed(
            box((-0.34, 0, -0.02), (0.34, 1.12, 0.02), chalk, f"rotate x*{math.degrees(lean)}")
            + box(
                (-0.38, 0, -0.03),
                (-0.34, 1.16, 0.03),
                furniture.wood(rng),
                f"rotate x*{math.degrees(lean)}",
            )
            + box(
                (0.34, 0, -0.03),
                (0.38, 1.16, 0.03),
                furniture.wood(rng),
                f"rotate x*{math.degrees(lean)}",
            ),
            bx,
            0,
            bz,
            math.degrees(turn),
        )
        centre = np.array((bx, 0, bz)) + up * 0.62 + ahead * 0.035
        scene.flat(rng, rng.choice(BRANDS), centre, right, up, 0.5, "white")
    for px in (x - 2.6, x + 2.7):
        scene.text += placed(outside._planter(rng), px, 0, -0.5)
    camera = Camera(
        (x + rng.uniform(-2.4, 2.4), rng.uniform(1.4, 1.9), rng.uniform(-6.6, -5.0)),
        (x + rng.uniform(-0.3, 0.3), 1.75, 0),
        rng.uniform(50, 58),
        *_SHAPE,
    )
    return scene, camera


def _cartons(rng: Random) -> tuple[_Scene, Camera]:
    """Cardboard boxes stacked in a storeroom."""
    scene = _Scene(_wall_and_floor(rng, 1.6) + _lamps(rng))
    count = rng.randint(4, 6)
    for i in range(count):
        w, h, d = rng.uniform(0.6, 0.8), rng.uniform(0.5, 0.65), 0.5
        column, level = i % 3, i // 3
        x, y, z = (
            (column - 1) * 0.95 + rng.uniform(-0.05, 0.05),
            level * 0.66,
            0.4 + rng.uniform(-0.2, 0.2),
        )
        if level:
            z, h = 0.45, 0.55
        turn = rng.uniform(-28, 28) if level == 0 else rng.uniform(-15, 15)
        board = materials.coloured(rng, "rough", tint(rng, (0.72, 0.56, 0.38), 0.04), (1, 1), 0.3)
        tape = matte((0.8, 0.7, 0.5), "specular 0.3")
        h = 0.66 if level == 0 else h
        scene.text += placed(
            box((-w / 2, 0, -d / 2), (w / 2, h, d / 2), board)
            + box((-0.04, h, -d / 2), (0.04, h + 0.002, d / 2), tape)
            + box((-0.04, h - 0.12, -d / 2 - 0.002), (0.04, h, -d / 2), tape),
            x,
            y,
            z,
            turn,
        )
        if i < 2 or rng.random() < 0.6:
            a = math.radians(turn)
            right, ahead = (
                np.array((math.cos(a), 0, -math.sin(a))),
                np.array((-math.sin(a), 0, -math.cos(a))),
            )
            brand = rng.choice(BRANDS)
            tall = min(
                h * rng.uniform(0.6, 0.72),
                0.75 * w * marks.mark(brand).height / marks.mark(brand).width,
            )
            scene.flat(
                rng,
                brand,
                np.array((x, y + h * 0.46, z)) + ahead * (d / 2 + 0.004),
                right,
                (0, 1, 0),
                tall,
                rng.choice(("colour", "black", "white")),
            )
    camera = Camera(
        (rng.uniform(-1.2, 1.2), rng.uniform(0.9, 1.6), rng.uniform(-2.9, -2.3)),
        (rng.uniform(-0.1, 0.1), 0.55, 0.5),
        rng.uniform(48, 58),
        *_SHAPE,
    )
    return scene, camera


def _mugs(rng: Random) -> tuple[_Scene, Camera]:
    """Mugs on a table, in centimetres as tenths of metres."""
    scene = _Scene(_lamps(rng))
    table = materials.coloured(
        rng, "wood", tint(rng, rng.choice(furniture.WOODS)), (3, 2.4), 0.7, "specular 0.2", "floor"
    )
    scene.text += box((-9, -0.2, -3), (9, 0, 3.2), table) + box(
        (-9, -3, 3.2),
        (9, 6, 3.4),
        materials.coloured(rng, "rough", tint(rng, (0.75, 0.75, 0.72), 0.1), (2, 2), 0.15),
    )
    count = rng.randint(2, 3)
    for i in range(count):
        x, z = (i - (count - 1) / 2) * 1.3 + rng.uniform(-0.1, 0.1), rng.uniform(-0.4, 0.5)
        glaze = tint(
            rng,
            rng.choice(
                (
                    (0.94, 0.93, 0.9),
                    (0.94, 0.93, 0.9),
                    (0.2, 0.28, 0.36),
                    (0.85, 0.75, 0.6),
                    (0.35, 0.45, 0.4),
                )
            ),
        )
        dark, r, h = sum(glaze) < 1.5, 0.44, rng.uniform(0.95, 1.1)
        body = gloss(glaze, 0.05)
        side = rng.choice((-1, 1))
        mug = difference(
            cylinder((0, 0, 0), (0, h, 0), r, body)
            + cylinder((0, 0.06, 0), (0, h + 0.1, 0), r - 0.04, body)
        ) + cylinder((0, 0.05, 0), (0, h - 0.15, 0), r - 0.04, gloss((0.2, 0.11, 0.06), 0.06))
        mug += torus(
            0.26,
            0.055,
            body,
            f"rotate x*90 scale <0.8,1.1,1> translate <{side * r * 1.02},{h / 2},0>",
        ) + torus(r - 0.02, 0.02, body, f"translate y*{h}")
        scene.text += placed(mug, x, 0, z)
        brand = rng.choice(BRANDS)
        shape = marks.mark(brand)
        tall = rng.uniform(0.52, 0.66)
        turn = math.atan2(-x, 6) + rng.uniform(-0.35, 0.35)
        arc = min(tall * shape.width / shape.height / r, 1.6)
        tall = arc * r * shape.height / shape.width
        a = np.linspace(-arc / 2, arc / 2, 17)[None] + turn
        v = np.linspace(-0.5, 0.5, 5)[:, None] * tall + h * 0.5
        grid = np.stack(
            [x + (r + 0.004) * np.sin(a) + 0 * v, v + 0 * a, z - (r + 0.004) * np.cos(a) + 0 * v],
            -1,
        )
        scene.add(brand, _tone(rng, dark), grid)
    camera = Camera(
        (rng.uniform(-1.2, 1.2), rng.uniform(1.2, 2.2), rng.uniform(-5.2, -4.4)),
        (0, 0.45, 0),
        rng.uniform(40, 48),
        *_SHAPE,
    )
    return scene, camera


def _shirts(rng: Random) -> tuple[_Scene, Camera]:
    """T-shirts on a rail before a wall."""
    scene = _Scene(_wall_and_floor(rng, 0.8) + _lamps(rng))
    scene.text += cylinder((-2, 1.95, 0), (2, 1.95, 0), 0.018, CHROME)
    count = rng.randint(2, 3)
    for i in range(count):
        x = (i - (count - 1) / 2) * 0.82 + rng.uniform(-0.04, 0.04)
        colour = tint(
            rng,
            rng.choice(
                (
                    (0.92, 0.92, 0.9),
                    (0.9, 0.88, 0.84),
                    (0.16, 0.18, 0.24),
                    (0.3, 0.45, 0.4),
                    (0.75, 0.72, 0.66),
                    (0.5, 0.16, 0.18),
                )
            ),
        )
        dark = sum(colour) < 1.5
        texture = materials.coloured(rng, "fabric", colour, (0.8, 0.8), 0.4)
        phase = rng.uniform(0, 6)

        def cloth(u, v, x=x, phase=phase):
            """Return the front of a shirt: u from -1 to 1 across, v from 0 at the hem to 1."""
            wide = 0.3 + 0.03 * (1 - v)
            ripple = 0.018 * np.sin(u * 7 + phase + v) * (1.1 - v) + 0.05 * u**2
            return np.stack([x + u * wide, 0.98 + v * 0.88, -0.06 + ripple], -1)

        v, u = np.mgrid[0:1:14j, -1:1:28j]
        scene.text += surface(cloth(u, v), texture) + surface(cloth(u, v) + (0, 0, 0.09), texture)
        for side in (-1, 1):
            t, s = np.mgrid[0:1:6j, -1:1:10j]
            sleeve = np.stack(
                [x + side * (0.27 + t * 0.2), 1.76 - t * 0.16 + s * 0.1, -0.05 + 0.06 * np.abs(s)],
                -1,
            )
            scene.text += surface(sleeve, texture)
        scene.text += torus(
            0.1, 0.018, texture, f"rotate x*75 translate <{x},1.85,-0.03>"
        ) + cylinder((x, 1.86, 0), (x, 1.96, 0), 0.006, CHROME)
        brand = rng.choice(BRANDS)
        shape = marks.mark(brand)
        tall = rng.uniform(0.2, 0.3)
        wide = tall * shape.width / shape.height / 0.3
        v, u = np.mgrid[-0.5:0.5:7j, -0.5:0.5:15j]
        grid = cloth(u * wide, 0.68 + v * tall / 0.88) - (0, 0, 0.006)
        scene.add(brand, _tone(rng, dark), grid)
    camera = Camera(
        (rng.uniform(-0.8, 0.8), rng.uniform(1.4, 1.7), rng.uniform(-2.2, -1.8)),
        (0, 1.45, 0),
        rng.uniform(52, 60),
        *_SHAPE,
    )
    return scene, camera


def _van(rng: Random) -> tuple[_Scene, Camera]:
    """A delivery van at the kerb before a house."""
    scene = _Scene(outside.sky(rng) + outside._blades(rng))
    scene.text += box(
        (-14, -0.1, -12),
        (14, 0, 3),
        materials.coloured(rng, "rough", (0.38, 0.38, 0.4), (2, 2), 0.5, "", "floor"),
    ) + box(
        (-14, 0, 1.6),
        (14, 0.12, 5),
        materials.mapped(materials.paving(rng, (0.62, 0.6, 0.58)), "floor", (2, 2)),
    )
    scene.text += box((-14, 0, 5), (14, 7, 6), outside.facade(rng)) + placed(
        outside.tree(rng, 5), rng.choice((-4.5, 4.5)), 0, 3.5
    )
    colour = tint(
        rng,
        rng.choice(
            (
                (0.93, 0.93, 0.92),
                (0.93, 0.93, 0.92),
                (0.2, 0.3, 0.4),
                (0.9, 0.75, 0.3),
                (0.3, 0.42, 0.36),
            )
        ),
    )
    dark, body = sum(colour) < 1.5, gloss(colour, 0.06)
    black, pane = matte((0.05, 0.05, 0.055)), gloss((0.1, 0.13, 0.16), 0.25)
    scene.text += (
        soft_box((-2.6, 0.35, -0.9), (1.6, 2.6, 0.9), body, 0.08)
        + soft_box((1.2, 0.35, -0.88), (3.0, 1.45, 0.88), body, 0.2)
        + soft_box((1.1, 1.2, -0.86), (2.3, 2.25, 0.86), body, 0.3)
    )
    scene.text += (
        soft_box((1.5, 1.45, -0.875), (2.15, 2.05, 0.875), pane, 0.2)
        + soft_box((2.0, 1.45, -0.8), (2.4, 2.0, 0.8), pane, 0.3)
        + box((-2.6, 0.3, -0.92), (3.0, 0.45, 0.92), black)
    )
    for x in (-1.7, 2.1):
        scene.text += cylinder((x, 0.36, -0.95), (x, 0.36, -0.6), 0.38, black) + cylinder(
            (x, 0.36, -0.97), (x, 0.36, -0.9), 0.2, CHROME
        )
    scene.text += soft_box(
        (2.85, 0.75, -0.8), (3.03, 0.98, -0.5), gloss((0.95, 0.93, 0.85), 0.1), 0.4
    )
    brand = rng.choice(BRANDS)
    scene.flat(
        rng,
        brand,
        (rng.uniform(-1.1, -0.3), 1.6, -0.905),
        (1, 0, 0),
        (0, 1, 0),
        rng.uniform(1.05, 1.35),
        _tone(rng, dark),
    )
    camera = Camera(
        (rng.uniform(-3, 3), rng.uniform(1.3, 2.1), rng.uniform(-6.8, -5.6)),
        (rng.uniform(-0.3, 0.3), 1.45, 0),
        rng.uniform(56, 64),
        *_SHAPE,
    )
    van = camera.project(_corners((-2.7, 0, -0.9), (3.1, 2.7, 0.9)))
    px, other = rng.choice((-4.2, 4.4)), rng.choice(BRANDS)
    board = camera.project(_corners((px - 0.75, 2.0, 1.8), (px + 0.75, 3.4, 1.88)))
    is_beside = board[:, 0].max() < van[:, 0].min() or board[:, 0].min() > van[:, 0].max()
    if is_beside and board.min() > 0 and board[:, 0].max() < _SHAPE[0]:  # a hoarding, seen whole
        ground = matte(tint(rng, (0.9, 0.9, 0.88)))
        scene.text += cylinder((px, 0, 1.9), (px, 2.4, 1.9), 0.05, CHROME)
        scene.text += box((px - 0.75, 2.0, 1.8), (px + 0.75, 3.4, 1.88), ground)
        scene.flat(rng, other, (px, 2.7, 1.79), (1, 0, 0), (0, 1, 0), 0.95, "colour")
    return scene, camera


def _corners(low, high) -> np.ndarray:
    pairs = list(zip(low, high, strict=True))
    return np.array([(x, y, z) for x in pairs[0] for y in pairs[1] for z in pairs[2]])


def _desk(rng: Random) -> tuple[_Scene, Camera]:
    """Notebooks, a laptop lid and a phone on a desk, seen from above."""
    scene = _Scene(_lamps(rng))
    scene.text += box(
        (-4, -0.1, -4),
        (4, 0, 4),
        materials.coloured(
            rng,
            "wood",
            tint(rng, rng.choice(furniture.WOODS)),
            (1.6, 1.2),
            0.7,
            "specular 0.2",
            "floor",
        ),
    )
    spots = [(-0.62, 0.1), (0.5, 0.22), (0.3, -0.55)]
    for i, (x, z) in enumerate(spots[: rng.randint(2, 3)]):
        w, d, h = ((0.8, 0.58, 0.03), (0.6, 0.8, 0.05), (0.5, 0.5, 0.06))[i]
        colour = tint(
            rng,
            rng.choice(
                (
                    (0.75, 0.76, 0.78),
                    (0.16, 0.2, 0.26),
                    (0.85, 0.8, 0.7),
                    (0.5, 0.2, 0.2),
                    (0.3, 0.45, 0.42),
                )
            ),
        )
        dark, turn = sum(colour) < 1.5, rng.uniform(-28, 28)
        scene.text += placed(
            soft_box(
                (-w / 2, 0, -d / 2),
                (w / 2, h, d / 2),
                matte(colour, "specular 0.25 roughness 0.04"),
                0.06,
            ),
            x,
            0,
            z,
            turn,
        )
        a = math.radians(turn)
        brand = rng.choice(BRANDS)
        scene.flat(
            rng,
            brand,
            (x, h + 0.003, z),
            (math.cos(a), 0, -math.sin(a)),
            (math.sin(a), 0, math.cos(a)),
            min(w, d) * rng.uniform(0.58, 0.74),
            _tone(rng, dark),
        )
    pen = matte(tint(rng, (0.2, 0.3, 0.6)))
    scene.text += (
        cylinder((-0.2, 0.012, -0.55), (-0.5, 0.012, -0.25), 0.012, pen)
        + placed(furniture.leaf_plant(rng, 0.55), -0.95, 0, 0.85)
        + placed(
            cylinder((0, 0, 0), (0, 0.16, 0), 0.09, gloss(furniture.WHITE))
            + cylinder((0, 0.16, 0), (0, 0.161, 0), 0.08, matte((0.2, 0.1, 0.05))),
            1.05,
            0,
            -0.35,
        )
    )
    camera = Camera(
        (rng.uniform(-0.3, 0.3), rng.uniform(1.7, 2.1), rng.uniform(-1.5, -0.8)),
        (0, 0, 0.02),
        rng.uniform(50, 58),
        *_SHAPE,
    )
    return scene, camera


_KINDS = {
    "shop": _shop,
    "cartons": _cartons,
    "mugs": _mugs,
    "shirts": _shirts,
    "van": _van,
    "desk": _desk,
}


def _render(scene: str, rng: Random) -> tuple[Image.Image, dict]:
    if scene in BRANDS:
        return marks.alone(scene, rng), {"labels": [scene]}
    made, camera = _KINDS[scene](rng)
    return render(made.text, camera, radiosity=False), {"boxes": made.boxes(camera)}


LOGOS = Collection(_jobs, _render)
