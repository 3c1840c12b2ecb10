"""Furniture in metres: each piece stands on y=0 with its back at z=0 and faces -z."""

from __future__ import annotations

import math
from random import Random

import numpy as np

from research.example_pictures import materials
from research.example_pictures.materials import mapped
from research.example_pictures.povray import (
    box,
    cone,
    cylinder,
    difference,
    gloss,
    glow,
    lathe,
    matte,
    metal,
    open_cone,
    placed,
    soft_box,
    sphere,
    surface,
    tint,
    union,
)

WOODS = (
    (0.72, 0.55, 0.38),
    (0.55, 0.38, 0.25),
    (0.82, 0.68, 0.5),
    (0.4, 0.27, 0.18),
    (0.87, 0.78, 0.66),
)
CLOTHS = (
    (0.35, 0.42, 0.52), (0.62, 0.58, 0.52), (0.72, 0.35, 0.25), (0.3, 0.45, 0.38), (0.85, 0.8, 0.7),
    (0.5, 0.5, 0.52), (0.78, 0.62, 0.3), (0.25, 0.3, 0.45), (0.7, 0.5, 0.55),
)  # fmt: skip
WHITE = (0.93, 0.92, 0.9)


def wood(rng: Random, colour=None) -> str:
    return materials.coloured(
        rng,
        "wood",
        colour or tint(rng, rng.choice(WOODS)),
        (1.1, 0.9),
        0.75,
        "specular 0.15 roughness 0.05",
    )


def cloth(rng: Random, colour=None) -> str:
    return materials.coloured(
        rng, "fabric", tint(rng, colour or rng.choice(CLOTHS)), (0.8, 0.8), 0.6
    )


def pillow(rng: Random, width: float, height: float, thick: float, texture: str) -> str:
    """Return a pillow that lies flat around the origin."""
    u = np.linspace(-1, 1, 15)
    x, z = np.meshgrid(u, u)
    bulge = np.clip((1 - x**4) * (1 - z**4), 0, 1) ** 0.55
    pinch = 1 - 0.1 * (1 - np.abs(x * z))
    parts = ""
    for sign in (1, -1):
        grid = np.stack(
            [x * width / 2 * pinch, sign * bulge * thick / 2, z * height / 2 * pinch], -1
        )
        parts += surface(grid, texture)
    return union(parts)


def duvet(rng: Random, width: float, length: float, top: float, drop: float, texture: str) -> str:
    """Return a bed cover that hangs over the sides and the foot (at -z)."""
    draw = np.random.default_rng(rng.randrange(2**31))
    folds = materials.noise(draw, (46, 46), (14, 14), 3)
    across = np.linspace(-1, 1, 46) * (width / 2 + drop)
    along = np.linspace(0, -(length + drop), 46)
    points = np.zeros((46, 46, 3))
    for i, z in enumerate(along):
        for j, x in enumerate(across):
            over = max(abs(x) - width / 2, 0)
            front = max(-z - length, 0)
            fall = max(over, front)
            wave = 0.03 * math.sin(z * 14 if over else x * 14) * fall / drop if fall else 0
            side = math.copysign(
                min(abs(x), width / 2) + 0.03 + (wave if over else 0) if over else abs(x), x
            )
            far = -(length + 0.03 + wave) if front else z
            points[i, j] = (side, top - fall + 0.05 * folds[i, j] + 0.03, far)
    return surface(points, texture)


def bed(rng: Random) -> str:
    width, length = rng.choice((1.4, 1.6, 1.8)), 2.05
    frame, cover = wood(rng), cloth(rng)
    head = rng.uniform(0.95, 1.25)
    if rng.random() < 0.5:
        parts = box((-width / 2 - 0.06, 0, -0.07), (width / 2 + 0.06, head, 0), frame)
    else:
        padded, columns = cloth(rng), 6
        step = (width + 0.1) / columns
        parts = "".join(
            soft_box(
                (-width / 2 - 0.05 + i * step, 0.2, -0.12),
                (-width / 2 - 0.05 + (i + 1) * step, head, 0),
                padded,
                0.3,
            )
            for i in range(columns)
        )
    parts += box((-width / 2, 0.14, -length), (width / 2, 0.32, -0.05), frame)
    for x in (-width / 2 + 0.06, width / 2 - 0.06):
        parts += box((x - 0.04, 0, -length + 0.02), (x + 0.04, 0.15, -length + 0.1), frame)
    parts += soft_box(
        (-width / 2 + 0.01, 0.3, -length + 0.02),
        (width / 2 - 0.01, 0.56, -0.08),
        matte(WHITE),
        0.15,
    )
    covered = rng.uniform(1.25, 1.5)
    sheet = union(
        duvet(rng, width, covered, 0.57, rng.uniform(0.15, 0.3), cover),
        f"translate -z*{length - covered}",
    )
    parts += sheet
    for row, z in enumerate((-0.26, -0.42)):
        pads = matte(WHITE) if row == 0 else cloth(rng)
        for x in (-width / 4, width / 4):
            size = (0.66, 0.44) if row == 0 else (0.46, 0.42)
            if row == 1 and rng.random() < 0.4:
                continue
            tilt = rng.uniform(38, 62)
            parts += union(
                pillow(rng, size[0], size[1], 0.2, pads),
                f"rotate -x*{tilt} rotate y*{rng.uniform(-8, 8)} translate <{x},{0.75},{z}>",
            )
    if rng.random() < 0.6:
        throw = cloth(rng)
        parts += union(
            duvet(rng, width + 0.03, 0.5, 0.6, 0.22, throw),
            f"translate -z*{length - 0.62} scale <1,1,1>",
        )
    return parts


def lamp(rng: Random, lit: bool = True, tall: float = 0.45) -> str:
    shade = glow((0.98, 0.9, 0.75), 0.75) if lit else matte((0.9, 0.86, 0.78))
    foot = rng.choice(
        (metal((0.6, 0.5, 0.3)), gloss(rng.choice(CLOTHS)), matte((0.15, 0.15, 0.15)))
    )
    wide = 0.13 if tall < 1 else 0.21
    parts = cylinder((0, 0, 0), (0, 0.02, 0), wide * 0.7, foot) + cylinder(
        (0, 0, 0), (0, tall * 0.75, 0), 0.013, foot
    )
    if tall < 1:
        parts += sphere((0, tall * 0.3, 0), tall * 0.2, foot)
    return parts + open_cone((0, tall * 0.68, 0), wide, (0, tall, 0), wide * 0.7, shade)


def drawers(
    rng: Random,
    width: float,
    height: float,
    depth: float,
    rows: int,
    texture: str,
    columns: int = 1,
) -> str:
    parts = box((-width / 2, 0.05, -depth), (width / 2, height, 0), texture)
    knob = metal()
    for row in range(rows):
        for column in range(columns):
            w, h = width / columns, (height - 0.05) / rows
            x, y = -width / 2 + column * w, 0.05 + row * h
            parts += box(
                (x + 0.012, y + 0.012, -depth - 0.018),
                (x + w - 0.012, y + h - 0.012, -depth),
                texture,
            )
            parts += cylinder(
                (x + w / 2 - 0.06, y + h * 0.7, -depth - 0.04),
                (x + w / 2 + 0.06, y + h * 0.7, -depth - 0.04),
                0.007,
                knob,
            )
    return parts


def nightstand(rng: Random, texture: str) -> str:
    parts = drawers(rng, 0.45, 0.5, 0.4, 2, texture)
    parts += placed(lamp(rng), 0, 0.5, -0.2)
    if rng.random() < 0.6:
        parts += placed(book_pile(rng, 3), -0.13, 0.5, -0.3, rng.uniform(-20, 20))
    return parts


def book_pile(rng: Random, count: int) -> str:
    parts, y = "", 0.0
    for _ in range(count):
        h = rng.uniform(0.02, 0.04)
        parts += box(
            (-0.09, y, -0.07),
            (0.09, y + h, 0.07),
            matte(rng.choice(CLOTHS)),
            f"rotate y*{rng.uniform(-15, 15)}",
        )
        y += h
    return parts


def picture(rng: Random, width: float = 0.6, height: float = 0.45) -> str:
    frame = matte(rng.choice(((0.1, 0.1, 0.1), (0.9, 0.89, 0.86), (0.6, 0.45, 0.28))))
    content = mapped(
        materials.painting(rng), "back", (width, height), shift=(-width / 2, -height / 2, 0)
    )
    return box(
        (-width / 2 - 0.03, -height / 2 - 0.03, -0.025),
        (width / 2 + 0.03, height / 2 + 0.03, 0),
        frame,
    ) + box((-width / 2, -height / 2, -0.03), (width / 2, height / 2, -0.01), content)


def leaf_plant(rng: Random, tall: float = 1.1) -> str:
    """Return a potted plant with long arched leaves."""
    pot = gloss(rng.choice(((0.9, 0.9, 0.88), (0.7, 0.42, 0.3), (0.25, 0.27, 0.3))), 0.03)
    r = 0.16 * min(1.2, 0.6 + tall / 2)
    parts = cone((0, 0, 0), r * 0.75, (0, r * 1.9, 0), r, pot) + cylinder(
        (0, r * 1.9, 0), (0, r * 1.92, 0), r * 0.92, matte((0.2, 0.14, 0.1))
    )
    for _ in range(rng.randint(14, 22)):
        green = matte(tint(rng, (0.24, 0.45, 0.2), 0.08), "specular 0.2 roughness 0.05")
        way, reach = rng.uniform(0, 2 * math.pi), rng.uniform(0.15, 0.5) * tall * 0.7
        high, wide = (
            rng.uniform(0.55, 1) * tall - r * 1.9,
            rng.uniform(0.03, 0.06) * (0.5 + tall / 2),
        )
        t = np.linspace(0, 1, 9)[:, None]
        s = np.linspace(-1, 1, 5)[None]
        profile = np.sin(np.clip(t, 0.04, 1) * math.pi) ** 0.7 * wide
        out, up = t**1.6 * reach, np.sin(t * 1.9) * high
        x = out * math.cos(way) - s * profile * math.sin(way)
        z = out * math.sin(way) + s * profile * math.cos(way)
        y = r * 1.9 + up - np.abs(s) * 0 + 0.25 * profile * s**2
        parts += surface(np.stack([x, np.broadcast_to(y, x.shape), z], -1), green)
    return parts


def vase(rng: Random, scale: float = 1.0) -> str:
    glaze = gloss(rng.choice(CLOTHS), 0.06)
    shape = [(0, 0), (0.06, 0), (0.085, 0.08), (0.07, 0.16), (0.03, 0.21), (0.045, 0.25)]
    return lathe([(x * scale, y * scale) for x, y in shape], glaze)


def sofa(rng: Random, width: float = 2.0, colour=None) -> str:
    texture = cloth(rng, colour)
    seats = max(1, round(width / 0.75))
    arm = rng.uniform(0.14, 0.22)
    parts = soft_box((-width / 2, 0.1, -0.88), (width / 2, 0.32, 0), texture, 0.08)
    parts += soft_box(
        (-width / 2, 0.1, -0.2), (width / 2, rng.uniform(0.78, 0.88), 0), texture, 0.15
    )
    for x in (-width / 2, width / 2 - arm):
        parts += soft_box((x, 0.08, -0.9), (x + arm, 0.62, 0), texture, rng.choice((0.12, 0.3)))
    inner = width - 2 * arm
    for i in range(seats):
        a, b = -inner / 2 + i * inner / seats, -inner / 2 + (i + 1) * inner / seats
        parts += soft_box((a + 0.005, 0.28, -0.9), (b - 0.005, 0.47, -0.15), texture, 0.2)
        parts += soft_box((a + 0.01, 0.42, -0.34), (b - 0.01, 0.86, -0.13), texture, 0.3, "")
    for x in np.linspace(-inner / 2 + 0.2, inner / 2 - 0.2, seats + 1):
        if rng.random() < 0.75:
            parts += union(
                pillow(rng, 0.44, 0.44, 0.17, cloth(rng)),
                f"rotate -x*70 rotate y*{rng.uniform(-25, 25)} translate <{x},0.66,-0.45>",
            )
    for x in (-width / 2 + 0.1, width / 2 - 0.1):
        for z in (-0.8, -0.08):
            parts += cylinder((x, 0, z), (x, 0.1, z), 0.025, matte((0.2, 0.14, 0.1)))
    return parts


def coffee_table(rng: Random) -> str:
    texture = wood(rng)
    if rng.random() < 0.5:
        parts = cylinder((0, 0.38, 0), (0, 0.42, 0), 0.45, texture)
        legs = [(0.3 * math.cos(a), 0.3 * math.sin(a)) for a in (0.5, 2.6, 4.7)]
    else:
        parts = box((-0.55, 0.38, -0.3), (0.55, 0.42, 0.3), texture) + box(
            (-0.5, 0.14, -0.26), (0.5, 0.16, 0.26), texture
        )
        legs = [(x, z) for x in (-0.5, 0.5) for z in (-0.26, 0.26)]
    for x, z in legs:
        parts += cylinder((x * 1.05, 0, z * 1.05), (x, 0.39, z), 0.02, texture)
    parts += placed(book_pile(rng, 3), -0.15, 0.42, 0.05, 20) + placed(vase(rng), 0.18, 0.42, 0.02)
    return parts


def chair(rng: Random, texture: str, seat: float = 0.45) -> str:
    parts = soft_box((-0.22, seat - 0.03, -0.44), (0.22, seat + 0.03, 0), texture, 0.1)
    for x in (-0.19, 0.19):
        parts += cylinder((x, 0, -0.41), (x, seat, -0.4), 0.018, texture) + cylinder(
            (x, 0, -0.02), (x, seat + 0.45, 0.03), 0.018, texture
        )
    for y in (0.2, 0.31, 0.42):
        parts += box((-0.19, seat + y - 0.03, 0), (0.19, seat + y + 0.03, 0.03), texture)
    return parts


def dining_table(rng: Random, width: float, depth: float, texture: str) -> str:
    parts = box((-width / 2, 0.71, -depth / 2), (width / 2, 0.75, depth / 2), texture)
    for x in (-width / 2 + 0.08, width / 2 - 0.08):
        for z in (-depth / 2 + 0.08, depth / 2 - 0.08):
            parts += box((x - 0.035, 0, z - 0.035), (x + 0.035, 0.72, z + 0.035), texture)
    return parts


def bookshelf(rng: Random, width: float = 0.9, height: float = 2.0) -> str:
    texture = wood(rng)
    parts = box((-width / 2, 0, -0.02), (width / 2, height, 0), texture)
    for x in (-width / 2, width / 2 - 0.025):
        parts += box((x, 0, -0.3), (x + 0.025, height, 0), texture)
    shelves = int(height / 0.36)
    for i in range(shelves + 1):
        y = min(0.04 + i * (height - 0.06) / shelves, height - 0.025)
        parts += box((-width / 2, y, -0.3), (width / 2, y + 0.025, 0), texture)
        if i == shelves:
            break
        x, end = -width / 2 + 0.04, width / 2 - rng.uniform(0.05, 0.35)
        while x < end - 0.05:
            w, h = rng.uniform(0.02, 0.05), rng.uniform(0.18, 0.27)
            parts += box(
                (x, y + 0.025, -rng.uniform(0.22, 0.27)),
                (x + w, y + 0.025 + h, -0.03),
                matte(tint(rng, rng.choice(CLOTHS), 0.1)),
            )
            x += w + 0.002
        if width / 2 - x > 0.2:
            parts += placed(vase(rng, 0.8), (x + width / 2) / 2, y + 0.025, -0.16)
    return parts


def television(rng: Random, width: float = 1.3) -> str:
    stand = wood(rng)
    parts = drawers(rng, width + 0.5, 0.45, 0.4, 1, stand, 3)
    h = width * 0.56
    parts += box(
        (-width / 2, 0.52, -0.22), (width / 2, 0.52 + h, -0.18), gloss((0.03, 0.03, 0.04), 0.12)
    )
    return (
        parts
        + box((-0.25, 0.45, -0.3), (0.25, 0.47, -0.12), matte((0.1, 0.1, 0.1)))
        + box((-0.04, 0.46, -0.2), (0.04, 0.55, -0.16), matte((0.1, 0.1, 0.1)))
    )


def curtain(rng: Random, width: float, height: float, colour) -> str:
    """Return one curtain around x=0 whose foot is at y=0."""
    folds = rng.uniform(4, 7) * width / 0.5
    u, v = np.meshgrid(np.linspace(0, 1, 60), np.linspace(0, 1, 10))
    z = np.sin(u * folds * 2 * math.pi + 0.4 * np.sin(v * 3)) * (0.03 + 0.015 * (1 - v))
    points = np.stack([(u - 0.5) * width, v * height, z], -1)
    return surface(points, cloth(rng, colour))


def window(rng: Random, width: float, height: float, wall: float = 0.2) -> str:
    """Return frame and panes of a hole of the back wall, its sill at y=0."""
    white = matte(WHITE, "specular 0.2")
    parts = ""
    for x in (-width / 2, width / 2 - 0.05):
        parts += box((x, 0, 0.02), (x + 0.05, height, 0.1), white)
    for y in (0, height - 0.05):
        parts += box((-width / 2, y, 0.02), (width / 2, y + 0.05, 0.1), white)
    columns = rng.choice((2, 2, 3))
    for i in range(1, columns):
        x = -width / 2 + i * width / columns
        parts += box((x - 0.025, 0, 0.03), (x + 0.025, height, 0.09), white)
    if rng.random() < 0.5:
        parts += box(
            (-width / 2, height * 0.66, 0.04), (width / 2, height * 0.66 + 0.03, 0.08), white
        )
    return parts + box((-width / 2 - 0.06, -0.04, -0.08), (width / 2 + 0.06, 0, wall), white)


def door(
    rng: Random, texture: str, glazed: bool = False, width: float = 0.92, height: float = 2.05
) -> str:
    """Return a panelled door with frame and handle."""
    frame = matte(WHITE)
    parts = box((-width / 2 - 0.09, 0, -0.05), (-width / 2, height + 0.09, 0.02), frame)
    parts += box((width / 2, 0, -0.05), (width / 2 + 0.09, height + 0.09, 0.02), frame)
    parts += box((-width / 2 - 0.09, height, -0.05), (width / 2 + 0.09, height + 0.09, 0.02), frame)
    holes, panels = "", ""
    rows = (
        ((0.15, 0.75), (0.9, height - 0.15))
        if rng.random() < 0.5
        else ((0.15, 0.65), (0.75, 1.25), (1.35, height - 0.12))
    )
    for row, (low, high) in enumerate(rows):
        for a, b in ((-width / 2 + 0.1, -0.04), (0.04, width / 2 - 0.1)):
            if glazed and row == len(rows) - 1:
                panels += box((a, low, -0.02), (b, high, -0.015), glow((0.85, 0.92, 0.97), 0.8))
            holes += box((a, low, -0.06), (b, high, -0.012), texture)
            panels += (
                box((a + 0.04, low + 0.04, -0.032), (b - 0.04, high - 0.04, -0.01), texture)
                if not (glazed and row == len(rows) - 1)
                else ""
            )
    parts += (
        difference(box((-width / 2, 0, -0.035), (width / 2, height, 0.0), texture) + holes, texture)
        + panels
    )
    brass = metal((0.75, 0.65, 0.4))
    return (
        parts
        + sphere((width / 2 - 0.08, 1.0, -0.09), 0.03, brass)
        + cylinder((width / 2 - 0.08, 1.0, -0.09), (width / 2 - 0.08, 1.0, 0), 0.012, brass)
        + cylinder((width / 2 - 0.08, 1.12, -0.04), (width / 2 - 0.08, 1.12, 0), 0.025, brass)
    )


def pendant(rng: Random, drop: float, ceiling: float) -> str:
    dark = matte((0.12, 0.12, 0.13))
    shade = rng.choice((dark, gloss(WHITE), metal((0.7, 0.45, 0.3))))
    y = ceiling - drop
    return (
        cylinder((0, y, 0), (0, ceiling, 0), 0.006, dark)
        + open_cone((0, y - 0.18, 0), 0.17, (0, y, 0), 0.04, shade)
        + sphere((0, y - 0.13, 0), 0.045, glow((1, 0.95, 0.8), 1.6))
    )
