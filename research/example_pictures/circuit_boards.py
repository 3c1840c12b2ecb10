"""Circuit boards of line-following robots: four parts, each occurrence in a box."""

from __future__ import annotations

import math
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from research.example_pictures import components, materials
from research.example_pictures.collection import Collection, Job
from research.example_pictures.povray import (
    Camera,
    cylinder,
    difference,
    light,
    placed,
    render,
    tint,
    union,
)

PARTS = {
    "comparator": components.comparator, "ir_led": components.ir_led,
    "ir_phototransistor": components.ir_phototransistor, "pot_resistor": components.pot_resistor,
}  # fmt: skip
_OTHERS = (
    components.resistor,
    components.resistor,
    components.capacitor,
    components.ceramic,
    components.transistor,
    components.header,
    components.terminal,
)
_COUNTS = {"train": 40, "test": 20}
_MASKS = (
    (0.05, 0.32, 0.16),
    (0.05, 0.3, 0.14),
    (0.08, 0.2, 0.45),
    (0.5, 0.07, 0.08),
    (0.09, 0.09, 0.1),
)
_TABLES = ((0.75, 0.6, 0.42), (0.6, 0.6, 0.6), (0.85, 0.85, 0.83), (0.3, 0.35, 0.4))
_PIXELS = 12  # a millimetre, of the board's print
_SHAPE = (512, 384)


def _jobs() -> list[Job]:
    jobs = [
        Job(split, f"board_{split}_{i:02d}.jpg", "board")
        for split, count in _COUNTS.items()
        for i in range(1, count + 1)
    ]
    return [*jobs, Job("sample", "circuitboard.jpg", "board")]


class _Board:
    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.width, self.depth = rng.uniform(58, 72), rng.uniform(42, 52)
        self.placed: list[tuple[float, float, float]] = []  # x, z, radius
        self.parts: list[tuple[str, str, float, float, float, tuple[float, float, float]]] = []

    def fill(self) -> None:
        rng = self.rng
        wanted: list[tuple[str, object]] = []
        for name, make in PARTS.items():
            low, high = {
                "comparator": (1, 2),
                "pot_resistor": (1, 3),
                "ir_led": (1, 4),
                "ir_phototransistor": (1, 4),
            }[name]
            wanted += [(name, make)] * rng.randint(low, high)
        rng.shuffle(wanted)
        wanted = wanted[: rng.randint(6, 11)]
        others = [("", rng.choice(_OTHERS)) for _ in range(rng.randint(8, 14))]
        for name, make in [*wanted, *others]:
            text, size = make(rng)
            quarter = rng.choice((0, 90, 180, 270))
            turn = quarter + rng.uniform(-3, 3)
            half = (size[0], size[2]) if quarter % 180 == 0 else (size[2], size[0])
            spot = self._free(half)
            if spot is not None:
                self.parts.append((name, text, spot[0], spot[1], turn, size))

    def _free(self, half):
        for _ in range(160):
            x = self.rng.uniform(-self.width / 2 + half[0] + 2, self.width / 2 - half[0] - 2)
            z = self.rng.uniform(-self.depth / 2 + half[1] + 2, self.depth / 2 - half[1] - 2)
            if abs(x) > self.width / 2 - 7 - half[0] and abs(z) > self.depth / 2 - 7 - half[1]:
                continue
            if all(
                abs(x - a) > half[0] + b + 0.8 or abs(z - c) > half[1] + d + 1.4
                for a, c, b, d in self.placed
            ):
                self.placed.append((x, z, half[0], half[1]))
                return x, z
        return None

    def print_picture(self) -> Image.Image:
        """Draw the mask with tracks, vias and white print."""
        rng, s = self.rng, _PIXELS
        w, h = int(self.width * s), int(self.depth * s)
        mask = tint(rng, rng.choice(_MASKS), 0.03)
        picture = Image.new("RGB", (w, h), tuple(int(c * 255) for c in mask))
        pen = ImageDraw.Draw(picture)
        track = tuple(min(255, int(c * 255 * 1.5 + 14)) for c in mask)

        def at(x, z):
            return (x + self.width / 2) * s, (self.depth / 2 - z) * s

        spots = [(x, z) for x, z, _, _ in self.placed]
        for _ in range(58):
            (x0, z0), (x1, z1) = rng.choice(spots), rng.choice(spots)
            x0, z0 = x0 + rng.uniform(-4, 4), z0 + rng.uniform(-4, 4)
            bend = math.copysign(min(abs(x1 - x0), abs(z1 - z0)), z1 - z0)
            middle = (x0 + math.copysign(abs(bend), x1 - x0), z0 + bend)
            pen.line(
                [at(x0, z0), at(*middle), at(x1, z1)],
                fill=track,
                width=rng.choice((4, 6, 6, 10)),
                joint="curve",
            )
        for _ in range(34):
            x, z = rng.uniform(-0.47, 0.47) * self.width, rng.uniform(-0.47, 0.47) * self.depth
            a, b = at(x, z)
            pen.ellipse((a - 7, b - 7, a + 7, b + 7), fill=(200, 170, 90))
            pen.ellipse((a - 3, b - 3, a + 3, b + 3), fill=(25, 22, 20))
        white = (225, 228, 225)
        for name, text, x, z, turn, size in self.parts:
            half = (size[0], size[2]) if round(turn / 90) % 2 == 0 else (size[2], size[0])
            (a, b), (c, d) = (
                at(x - half[0] - 0.4, z + half[1] + 0.4),
                at(x + half[0] + 0.4, z - half[1] - 0.4),
            )
            pen.rectangle((a, b, c, d), outline=white, width=3)
            pen.text(
                (a, b - 22), f"{rng.choice('RCUQD')}{rng.randint(1, 30)}", fill=white, font_size=20
            )
            _ = (name, text)
        pen.text(
            at(-self.width * 0.2, -self.depth / 2 + 3.4),
            rng.choice(("LINE FOLLOWER V1.2", "ROVER MK3", "SENSOR BOARD REV B")),
            fill=white,
            font_size=26,
        )
        pen.rectangle((3, 3, w - 4, h - 4), outline=tuple(int(c * 200) for c in mask), width=3)
        return picture.filter(ImageFilter.GaussianBlur(0.6))

    def scene(self) -> str:
        w, d = self.width / 2, self.depth / 2
        texture = materials.mapped(
            self.print_picture(),
            "floor",
            (self.width, self.depth),
            "specular 0.35 roughness 0.02 reflection 0.025",
            (-w, 0, -d),
        )
        holes = "".join(
            cylinder(
                (sx * (w - 3.5), -3, sz * (d - 3.5)),
                (sx * (w - 3.5), 1, sz * (d - 3.5)),
                1.7,
                texture,
            )
            for sx in (-1, 1)
            for sz in (-1, 1)
        )
        rims = "".join(
            difference(
                cylinder(
                    (sx * (w - 3.5), -1, sz * (d - 3.5)),
                    (sx * (w - 3.5), 0.05, sz * (d - 3.5)),
                    2.7,
                    components.GOLD,
                )
                + cylinder(
                    (sx * (w - 3.5), -3, sz * (d - 3.5)),
                    (sx * (w - 3.5), 1, sz * (d - 3.5)),
                    1.65,
                    components.GOLD,
                )
            )
            for sx in (-1, 1)
            for sz in (-1, 1)
        )
        text = difference(f"box {{ <{-w},-1.6,{-d}>,<{w},0,{d}> {texture} }} {holes}") + rims
        return text + "".join(placed(part, x, 0, z, turn) for _, part, x, z, turn, _ in self.parts)


def _render(_: str, rng: Random) -> tuple[Image.Image, dict]:
    board = _Board(rng)
    board.fill()
    turn = rng.choice((0, 180)) + rng.uniform(-16, 16)
    lean, far = rng.uniform(4, 30), rng.uniform(82, 96)
    camera = Camera(
        (far * math.sin(math.radians(rng.uniform(-8, 8))), far * math.cos(math.radians(lean)), -far * math.sin(math.radians(lean)) - 0.5),
        (rng.uniform(-3, 3), 0, rng.uniform(-3, 3)), 49, *_SHAPE,
    )  # fmt: skip
    way = rng.uniform(0, 360)
    sun = (
        130 * math.cos(math.radians(way)),
        rng.uniform(90, 190),
        130 * math.sin(math.radians(way)),
    )
    warm = (1.0, rng.uniform(0.88, 1.0), rng.uniform(0.76, 1.0))
    strength = rng.uniform(0.75, 1.15)
    colour = tint(rng, rng.choice(_TABLES), 0.04)
    table = materials.coloured(
        rng, rng.choice(("wood", "rough")), colour, (110, 90), 0.9, "specular 0.1", "floor"
    )
    scene = union(board.scene(), f"rotate y*{turn:.2f}")
    scene += (
        f"plane {{ y, -6 {table} }}\n"
        + "sky_sphere { pigment { gradient y color_map { [0 rgb 0.5][0.5 rgb 0.9][1 rgb <0.6,0.7,0.9>] } } }\n"
    )
    scene += light(
        sun, [c * strength for c in warm], "area_light <40,0,0>, <0,0,40>, 2, 2 adaptive 1 jitter"
    ) + light((-60, 150, -80), (0.42, 0.44, 0.47), "shadowless")
    picture = render(scene, camera, radiosity=False)
    noise = np.random.default_rng(rng.randrange(2**31)).normal(
        0, rng.uniform(0.5, 2.5), (*_SHAPE[::-1], 1)
    )
    picture = Image.fromarray(np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8))
    return picture, {"boxes": _boxes(board, camera, turn)}


def _boxes(board: _Board, camera: Camera, turn: float) -> list[dict]:
    boxes = []
    for name, _, x, z, own, (sx, sy, sz) in board.parts:
        if not name:
            continue
        corners = _outline(name, sx, sy, sz)
        corners = _turned(corners, own) + (x, 0, z)
        seen = camera.project(_turned(corners, turn))
        left, top = np.floor(np.clip(seen.min(axis=0), 0, None))
        right, bottom = np.ceil(np.minimum(seen.max(axis=0), _SHAPE))
        boxes.append(
            {
                "label": name,
                "left": int(left),
                "top": int(top),
                "width": int(right - left),
                "height": int(bottom - top),
            }
        )
    return boxes


def _outline(name: str, sx: float, sy: float, sz: float) -> np.ndarray:
    if name.startswith("ir_"):  # a round dome
        a = np.linspace(0, 2 * math.pi, 24, endpoint=False)
        ring = [
            np.stack([r * np.cos(a), np.full(24, y), r * np.sin(a)], 1)
            for r, y in ((2.9, 0.5), (2.9, 2.0), (2.5, 6.0), (1.8, 7.8), (0.1, 8.5))
        ]
        return np.concatenate(ring)
    if name == "pot_resistor":
        a = np.linspace(0, 2 * math.pi, 16, endpoint=False)
        dial = np.stack([3.2 * np.cos(a), np.full(16, 5.7), 3.2 * np.sin(a)], 1)
        return np.concatenate(
            [
                np.array([(x, y, z) for x in (-4.7, 4.7) for y in (0, 4.9) for z in (-4.7, 4.7)]),
                dial,
            ]
        )
    sx, sz = sx - 0.1, sz - 0.5  # corners of the body and the pins
    return np.array([(x, y, z) for x in (-sx, sx) for y in (0, sy) for z in (-sz, sz)])


def _turned(points: np.ndarray, degrees: float) -> np.ndarray:
    """Turn as POV-Ray's `rotate y` does."""
    a = math.radians(degrees)
    x, y, z = points.T
    return np.stack([x * math.cos(a) + z * math.sin(a), y, -x * math.sin(a) + z * math.cos(a)], 1)


CIRCUIT_BOARDS = Collection(_jobs, _render)
