"""Front yard, back yard and patio."""

from __future__ import annotations

import math
from random import Random

import numpy as np

from research.example_pictures import furniture as own
from research.example_pictures import materials
from research.example_pictures.furniture import CLOTHS, WHITE
from research.example_pictures.materials import mapped
from research.example_pictures.povray import (
    Camera,
    box,
    cone,
    cylinder,
    gloss,
    glow,
    light,
    matte,
    metal,
    placed,
    soft_box,
    sphere,
    tint,
    torus,
    tube,
    union,
)

SETTINGS = {"radiosity": False}


def sky(rng: Random) -> str:
    """Return sky, sun and the sky's own light."""
    deep = rng.uniform(0.5, 0.9)
    cover = rng.uniform(0.35, 0.75)
    parts = (
        "sky_sphere { pigment { gradient y color_map { [0 rgb <0.75,0.82,0.9>]"
        f"[0.6 rgb <{0.16 * deep},{0.34 * deep},{0.8 * deep}>] }} }} "
        f"pigment {{ bozo turbulence 0.7 omega 0.55 color_map {{ [0 rgbt <1,1,1,0.1>][{cover * 0.5:.2f} rgbt <1,1,1,0.5>][{cover:.2f} rgbt 1] }} "
        f"scale <0.5,0.18,0.5> translate {rng.uniform(0, 50):.2f} }} }}\n"
    )
    way = rng.uniform(-70, 70)
    sun = (60 * math.sin(math.radians(way)), rng.uniform(35, 80), -60 * math.cos(math.radians(way)))
    warm = (1.0, rng.uniform(0.88, 0.97), rng.uniform(0.72, 0.92))
    parts += light(sun, [1.5 * c for c in warm])
    parts += light((0, 100, 0), (0.3, 0.36, 0.46), "shadowless") + light(
        (-40, 20, -60), (0.22, 0.23, 0.25), "shadowless"
    )
    return parts


def _blades(rng: Random) -> str:
    """Declare a square metre of grass blades and the leaf clusters of trees and hedges."""
    faces = []
    for _ in range(900):
        x, z, a = rng.random(), rng.random(), rng.uniform(0, 6.28)
        h, w = rng.uniform(0.03, 0.075), 0.006
        dx, dz = w * math.cos(a), w * math.sin(a)
        lx, lz = rng.uniform(-0.03, 0.03), rng.uniform(-0.03, 0.03)
        faces.append(
            f"triangle {{ <{x - dx:.3f},0,{z - dz:.3f}>,<{x + dx:.3f},0,{z + dz:.3f}>,<{x + lx:.3f},{h:.3f},{z + lz:.3f}> }}"
        )
    text = "#declare Grass = mesh { " + "\n".join(faces) + " }\n"
    for kind in range(2):
        faces = []
        for _ in range(420):
            d = np.array([rng.gauss(0, 1) for _ in range(3)])
            centre = d / np.linalg.norm(d) * rng.uniform(0.55, 1.0)
            u = np.array([rng.gauss(0, 1) for _ in range(3)])
            u /= np.linalg.norm(u)
            v = np.cross(u, d)
            v /= np.linalg.norm(v)
            size = rng.uniform(0.08, 0.16)
            a, b, c, e = (
                centre - u * size,
                centre + v * size * 0.5,
                centre + u * size,
                centre - v * size * 0.5,
            )
            p = [f"<{q[0]:.3f},{q[1]:.3f},{q[2]:.3f}>" for q in (a, b, c, e)]
            faces.append(f"triangle {{ {p[0]},{p[1]},{p[2]} }} triangle {{ {p[0]},{p[2]},{p[3]} }}")
        text += f"#declare Leaves{kind} = mesh {{ " + "\n".join(faces) + " }\n"
    return text


def _green(rng: Random, colour=(0.3, 0.46, 0.16)) -> str:
    return matte(tint(rng, colour, 0.07), "specular 0.1 roughness 0.1")


def ground(rng: Random, camera: Camera, keep) -> str:
    """Return a lawn with real blades near the camera; `keep(x, z)` says where grass grows."""
    base = mapped(materials.lawn(rng), "floor", (1.6, 1.6))
    parts = _blades(rng) + f"plane {{ y, 0 {base} }}\n"
    blade = _green(rng, (0.34, 0.5, 0.18))
    x0, z0 = camera.place[0], camera.place[2]
    parts += "union {\n"
    for z in range(math.floor(z0) + 1, math.floor(z0) + 9):
        for x in range(math.floor(x0) - 6, math.floor(x0) + 7):
            if keep(x + 0.5, z + 0.5) and abs(x - x0) < (z - z0) * 0.9 + 1:
                parts += f"object {{ Grass translate <{x},0,{z}> }}\n"
    return parts + f"plane {{ y, -1 }} {blade} }}\n"


def tree(rng: Random, tall: float = 5.0, colour=None) -> str:
    bark = matte(tint(rng, (0.38, 0.28, 0.2)))
    parts = cone((0, 0, 0), 0.05 * tall, (0, tall * 0.55, 0), 0.025 * tall, bark)
    crown = ""
    for _ in range(15):
        a, r, y = rng.uniform(0, 6.28), rng.uniform(0, 0.26) * tall, rng.uniform(0.45, 0.95) * tall
        size = tall * rng.uniform(0.13, 0.22) * (1.25 - abs(y / tall - 0.65))
        crown += f"object {{ Leaves{rng.randrange(2)} rotate y*{rng.uniform(0, 360):.0f} scale {size:.3f} translate <{r * math.cos(a):.3f},{y:.3f},{r * math.sin(a):.3f}> }}\n"
    for _ in range(4):
        a = rng.uniform(0, 6.28)
        parts += cone(
            (0, tall * 0.35, 0),
            0.02 * tall,
            (tall * 0.2 * math.cos(a), tall * 0.65, tall * 0.2 * math.sin(a)),
            0.008 * tall,
            bark,
        )
    return parts + union(crown, "", colour or _green(rng))


def hedge(rng: Random, length: float, high: float, colour=None) -> str:
    """Return a hedge along x from 0."""
    leaves = ""
    for x in np.arange(0.15, length, 0.26):
        for y in np.arange(0.15, high, 0.28):
            leaves += f"object {{ Leaves{rng.randrange(2)} rotate y*{rng.uniform(0, 360):.0f} scale <0.25,0.24,0.25> translate <{x + rng.uniform(-0.05, 0.05):.3f},{y:.3f},{rng.uniform(-0.06, 0.06):.3f}> }}\n"
    inner = box((0, 0, -0.12), (length, high - 0.1, 0.12), matte((0.1, 0.18, 0.06)))
    return inner + union(leaves, "", colour or _green(rng, (0.22, 0.4, 0.15)))


def bush(rng: Random, size: float, blossoms=None) -> str:
    leaves, flowers = "", ""
    for _ in range(6):
        a, r = rng.uniform(0, 6.28), rng.uniform(0, 0.5) * size
        leaves += f"object {{ Leaves{rng.randrange(2)} scale {size * 0.5:.3f} rotate y*{rng.uniform(0, 360):.0f} translate <{r * math.cos(a):.3f},{size * rng.uniform(0.3, 0.55):.3f},{r * math.sin(a):.3f}> }}\n"
    if blossoms:
        for _ in range(34):
            d = np.array([rng.gauss(0, 1), abs(rng.gauss(0, 1)), rng.gauss(0, 1)])
            p = d / np.linalg.norm(d) * size * 0.85
            flowers += sphere(
                (p[0], p[1] + 0.1 * size, p[2]), 0.06 * size + 0.015, matte(tint(rng, blossoms))
            )
    return union(leaves, "", _green(rng, (0.26, 0.42, 0.17))) + flowers


def fence(rng: Random, length: float, high: float = 1.8, colour=None) -> str:
    """Return a board fence along x from 0."""
    parts, x = "", 0.0
    tone = colour or rng.choice(own.WOODS)
    boards = [own.wood(rng, tint(rng, tone, 0.05)) for _ in range(4)]
    while x < length:
        parts += box(
            (x, 0.05, 0), (x + 0.135, high + rng.uniform(-0.01, 0.01), 0.02), rng.choice(boards)
        )
        x += 0.145
    for y in (0.3, high - 0.3):
        parts += box((0, y, 0.02), (length, y + 0.08, 0.05), boards[0])
    return parts


def pickets(rng: Random, length: float) -> str:
    white = matte(WHITE)
    parts, x = "", 0.0
    while x < length:
        parts += (
            box((x, 0.05, 0), (x + 0.07, 0.8, 0.02), white)
            + f"prism {{ 0, 0.02, 4, <0,0>,<0.07,0>,<0.035,0.08>,<0,0> rotate -x*90 translate <{x},0.8,0.02> {white} }}\n"
        )
        x += 0.13
    return (
        parts
        + box((0, 0.25, 0.02), (length, 0.31, 0.05), white)
        + box((0, 0.6, 0.02), (length, 0.66, 0.05), white)
    )


def facade(rng: Random) -> str:
    kind = rng.choice(("brick", "boards", "plaster", "plaster"))
    if kind == "brick":
        return mapped(
            materials.bricks(rng, tint(rng, rng.choice(((0.6, 0.32, 0.24), (0.66, 0.5, 0.4))))),
            "back",
            (1.2, 1.2),
        )
    tone = tint(
        rng,
        rng.choice(
            (
                (0.88, 0.86, 0.8),
                (0.7, 0.76, 0.8),
                (0.86, 0.78, 0.62),
                (0.75, 0.8, 0.72),
                (0.9, 0.9, 0.9),
            )
        ),
    )
    if kind == "boards":
        return mapped(
            materials.tiles(rng, tone, 1, 10, 4, tuple(c * 0.6 for c in tone), 0.03),
            "back",
            (2.0, 1.6),
        )
    return materials.coloured(rng, "rough", tone, (2, 2), 0.13)


def _pane(rng: Random, width: float, height: float, shutters: str = "") -> str:
    """Return a window on an outer wall, its sill at y=0."""
    white, pane = matte(WHITE), gloss((0.12, 0.16, 0.2), 0.25)
    parts = box(
        (-width / 2 - 0.07, -0.07, -0.03), (width / 2 + 0.07, height + 0.07, 0), white
    ) + box((-width / 2, 0, -0.035), (width / 2, height, 0), pane)
    parts += box((-0.025, 0, -0.045), (0.025, height, 0), white) + box(
        (-width / 2, height * 0.5 - 0.02, -0.045), (width / 2, height * 0.5 + 0.02, 0), white
    )
    parts += box((-width / 2 - 0.1, -0.1, -0.1), (width / 2 + 0.1, -0.06, 0), white)
    for sign in (-1, 1):
        if shutters:
            parts += box(
                (sign * (width / 2 + 0.09), -0.03, -0.05),
                (sign * (width / 2 + 0.09 + width * 0.4), height + 0.03, 0),
                shutters,
            )
    return parts


def roof(
    rng: Random, x0: float, x1: float, y: float, depth: float, high: float, texture: str
) -> str:
    """Return a roof whose slope faces the camera; walls end at y."""
    slope = math.hypot(depth / 2 + 0.4, high)
    angle = math.degrees(math.atan2(high, depth / 2 + 0.4))
    parts = box(
        (x0 - 0.4, 0, 0),
        (x1 + 0.4, slope, 0.12),
        texture,
        f"rotate x*{90 - angle:.2f} translate <0,{y - 0.1},-0.4>",
    )
    return parts + box((x0 - 0.4, y - 0.22, -0.48), (x1 + 0.4, y - 0.08, -0.36), matte(WHITE))


def front_yard(rng: Random) -> tuple[str, Camera]:
    camera = Camera(
        (rng.uniform(-4, 4), rng.uniform(1.4, 2.3), rng.uniform(-12, -9)),
        (rng.uniform(-0.8, 0.8), rng.uniform(1.5, 2.0), 0),
        rng.uniform(54, 66),
        512,
        384,
    )
    w = rng.uniform(4.2, 5.4)
    door_x = rng.uniform(-1.4, 1.4)
    drive = rng.choice((-1, 1))
    scene = sky(rng) + ground(
        rng,
        camera,
        lambda x, z: abs(x - door_x) > 1.1 and not (w * 0.45 < drive * x < w + 0.3) and z < -1,
    )
    wall, shutters = (
        facade(rng),
        matte(tint(rng, rng.choice(((0.2, 0.3, 0.42), (0.25, 0.4, 0.3), (0.5, 0.2, 0.16))))),
    )
    high = rng.choice((2.9, 2.9, 5.4))
    scene += box((-w, 0, 0), (w, high, 7), wall)
    tone = rng.choice(((0.42, 0.25, 0.2), (0.3, 0.31, 0.33), (0.5, 0.33, 0.25)))
    tiles = mapped(
        materials.tiles(
            rng, tint(rng, tone), 8, 10, 4, tuple(c * 0.5 for c in tone), 0.12, 0.5, 0.3
        ),
        "back",
        (1.6, 1.6),
    )
    scene += roof(rng, -w, w, high, 7, rng.uniform(1.7, 2.6), tiles)
    leaf = (
        own.wood(rng)
        if rng.random() < 0.3
        else matte(
            tint(
                rng,
                rng.choice(
                    ((0.6, 0.12, 0.1), (0.15, 0.3, 0.45), (0.2, 0.4, 0.3), (0.85, 0.65, 0.2))
                ),
            ),
            "specular 0.3",
        )
    )
    scene += placed(own.door(rng, leaf, rng.random() < 0.6, 1.0, 2.1), door_x, 0.3, 0)
    scene += box((door_x - 0.9, 0, -1.0), (door_x + 0.9, 0.15, 0), matte((0.62, 0.6, 0.57))) + box(
        (door_x - 0.75, 0.15, -0.6), (door_x + 0.75, 0.3, 0), matte((0.62, 0.6, 0.57))
    )
    if rng.random() < 0.6:  # a porch roof on posts
        scene += box((door_x - 1.1, 2.65, -1.15), (door_x + 1.1, 2.8, 0), matte(WHITE))
        for sign in (-1, 1):
            scene += cylinder(
                (door_x + sign * 0.95, 0.15, -0.95),
                (door_x + sign * 0.95, 2.65, -0.95),
                0.07,
                matte(WHITE),
            )
    shut = shutters if rng.random() < 0.6 else ""
    for floor in (0.95, 3.6) if high > 4 else (0.95,):
        for x in np.linspace(-w + 1.1, w - 1.1, 4):
            if floor > 1 or abs(x - door_x) > 1.5:
                if floor > 1 or not (w * 0.4 < drive * x < w):
                    scene += placed(_pane(rng, 1.05, 1.25, shut), x, floor, 0)
    gx = drive * w * 0.73  # the garage and its drive
    scene += box((gx - 1.25, 0, -0.03), (gx + 1.25, 2.2, 0), matte(WHITE))
    for i in range(4):
        for k in range(4):
            scene += box(
                (gx - 1.15 + k * 0.58, 0.1 + i * 0.52, -0.05),
                (gx - 0.65 + k * 0.58, 0.52 + i * 0.52, 0),
                matte((0.85, 0.85, 0.83)),
            )
    scene += box(
        (gx - 1.5, -0.05, -14),
        (gx + 1.5, 0.015, 0),
        materials.coloured(rng, "rough", (0.6, 0.6, 0.6), (2, 2), 0.3, "", "floor"),
    )
    path = mapped(materials.paving(rng, tint(rng, (0.66, 0.62, 0.56))), "floor", (1.6, 1.6))
    scene += box((door_x - 0.65, -0.05, -14), (door_x + 0.65, 0.02, -0.9), path)
    for x in np.arange(-w + 0.5, w - 0.3, 0.95):
        if abs(x - door_x) > 1.2 and abs(x - gx) > 1.7:
            scene += placed(
                bush(
                    rng,
                    rng.uniform(0.4, 0.6),
                    rng.choice(
                        (
                            None,
                            (0.9, 0.3, 0.45),
                            (0.95, 0.85, 0.3),
                            (0.6, 0.4, 0.8),
                            (0.95, 0.95, 0.95),
                        )
                    ),
                ),
                x,
                0,
                -0.65,
            )
    scene += placed(
        tree(rng, rng.uniform(4.5, 7)), -drive * rng.uniform(5.2, 7), 0, rng.uniform(-3, 0)
    ) + placed(tree(rng, rng.uniform(5, 8)), drive * rng.uniform(7, 9), 0, rng.uniform(1, 5))
    if rng.random() < 0.5:
        z = -7.2
        scene += placed(
            pickets(rng, 5.0), min(door_x, gx) - 0.9 - 5.0 if drive > 0 else door_x + 0.9, 0, z
        )
    if rng.random() < 0.6:
        mail = (
            box((-0.04, 0, -0.04), (0.04, 1.05, 0.04), own.wood(rng))
            + soft_box(
                (-0.11, 1.05, -0.24),
                (0.11, 1.28, 0.2),
                metal(rng.choice(((0.2, 0.25, 0.35), (0.6, 0.1, 0.1), (0.5, 0.5, 0.5))), 0.1),
                0.3,
            )
            + box((0.11, 1.2, 0), (0.12, 1.4, 0.1), matte((0.8, 0.1, 0.1)))
        )
        scene += placed(mail, door_x + rng.choice((-1, 1)) * 1.0, 0, -6.3, rng.uniform(-30, 30))
    return scene, camera


def _swing(rng: Random) -> str:
    frame = rng.choice((own.wood(rng), metal((0.25, 0.45, 0.3), 0.1), metal((0.7, 0.2, 0.2), 0.1)))
    parts = cylinder((-1.3, 2.2, 0), (1.3, 2.2, 0), 0.05, frame)
    for x in (-1.3, 1.3):
        parts += cylinder((x, 2.2, 0), (x * 1.12, 0, -0.8), 0.045, frame) + cylinder(
            (x, 2.2, 0), (x * 1.12, 0, 0.8), 0.045, frame
        )
    for x in (-0.6, 0.6):
        seat = rng.uniform(-0.25, 0.25)
        for s in (-0.2, 0.2):
            parts += cylinder((x + s, 2.2, 0), (x + s, 0.5, seat), 0.008, matte((0.3, 0.3, 0.3)))
        parts += box(
            (x - 0.24, 0.48, seat - 0.1),
            (x + 0.24, 0.52, seat + 0.1),
            gloss(rng.choice(((0.85, 0.15, 0.1), (0.1, 0.3, 0.75), (0.95, 0.75, 0.1))), 0.03),
        )
    return parts


def _shed(rng: Random) -> str:
    texture = mapped(
        materials.planks(
            rng,
            tint(rng, rng.choice(((0.6, 0.42, 0.3), (0.45, 0.55, 0.5), (0.62, 0.25, 0.2))), 0.04),
            10,
        ),
        "back",
        (1.5, 1.5),
    )
    parts = (
        box((-1.2, 0, 0), (1.2, 2.0, 2), texture)
        + f"prism {{ 0, 2.2, 4, <-1.35,0>,<1.35,0>,<0,0.8>,<-1.35,0> rotate -x*90 translate <0,2.0,2.1> {matte((0.35, 0.33, 0.33))} }}\n"
    )
    parts += box((-0.45, 0.05, -0.04), (0.45, 1.8, 0), matte(tint(rng, (0.85, 0.84, 0.8)))) + box(
        (-0.42, 0.8, -0.05), (0.42, 0.9, 0), matte((0.7, 0.68, 0.64))
    )
    return parts + placed(_pane(rng, 0.4, 0.4), 0.82, 1.1, 0)


def _slide(rng: Random) -> str:
    colour = gloss(rng.choice(((0.9, 0.75, 0.1), (0.1, 0.45, 0.8), (0.85, 0.2, 0.15))), 0.04)
    frame = gloss((0.2, 0.55, 0.3), 0.03)
    parts = (
        box((-0.25, 0, -1.1), (0.25, 0.03, 1.1), colour, "rotate -x*38 translate <0,0.75,0>")
        + box((-0.28, 0, -1.1), (-0.24, 0.14, 1.1), colour, "rotate -x*38 translate <0,0.75,0>")
        + box((0.24, 0, -1.1), (0.28, 0.14, 1.1), colour, "rotate -x*38 translate <0,0.75,0>")
    )
    for x in (-0.25, 0.25):
        parts += cylinder((x, 0, 1.3), (x, 2.0, 0.9), 0.03, frame)
    for y in np.arange(0.2, 1.5, 0.25):
        parts += cylinder((-0.25, y, 1.27 - y * 0.2), (0.25, y, 1.27 - y * 0.2), 0.02, frame)
    return parts


def _pool(rng: Random) -> str:
    rim = gloss((0.25, 0.5, 0.85), 0.05)
    return cylinder((0, 0, 0), (0, 0.3, 0), 0.95, gloss((0.45, 0.75, 0.9), 0.1)) + "".join(
        f"torus {{ 1.0, 0.11 translate y*{y} {t} }}\n"
        for y, t in ((0.11, rim), (0.31, gloss((0.95, 0.95, 0.95), 0.05)))
    )


def _ball(rng: Random) -> str:
    return sphere(
        (0, 0.15, 0),
        0.15,
        gloss(rng.choice(((0.9, 0.2, 0.1), (0.95, 0.9, 0.2), (0.2, 0.5, 0.9))), 0.04),
    )


def backyard(rng: Random) -> tuple[str, Camera]:
    camera = Camera(
        (rng.uniform(-2.5, 2.5), rng.uniform(1.5, 2.4), rng.uniform(-8.5, -6.5)),
        (rng.uniform(-0.8, 0.8), rng.uniform(0.8, 1.2), 2),
        rng.uniform(56, 68),
        512,
        384,
    )
    scene = sky(rng) + ground(rng, camera, lambda x, z: z < 4)
    z = rng.uniform(4, 5.5)
    if rng.random() < 0.8:
        scene += placed(fence(rng, 22, rng.uniform(1.5, 1.9)), -11, 0, z)
        side = rng.choice((-1, 1))
        scene += placed(
            fence(rng, 16, 1.7),
            side * rng.uniform(6.5, 7.5),
            0,
            z if side > 0 else z - 16,
            90 if side > 0 else -90,
        )
    else:
        scene += placed(hedge(rng, 20, 1.7), -10, 0, z)
    for _ in range(3):
        scene += placed(
            tree(rng, rng.uniform(4, 8)), rng.uniform(-9, 9), 0, z + rng.uniform(1.5, 5)
        )
    scene += placed(
        tree(rng, rng.uniform(3.5, 5)),
        rng.choice((-1, 1)) * rng.uniform(4.2, 5.6),
        0,
        rng.uniform(1, 3),
    )
    spots = [(-3.2, 1.5), (0.2, 2.2), (3.4, 1.2), (-1.6, -1.5), (1.7, -2.0)]
    rng.shuffle(spots)
    things = rng.sample((_swing, _shed, _slide, _pool), 3)
    for thing, (x, zz) in zip(things, sorted(spots[:3], key=lambda s: -s[1]), strict=True):
        if thing is _shed:
            x, zz = (3.6 if x > 0 else -3.6), z - 2.3
        scene += placed(
            thing(rng),
            x,
            0,
            zz,
            rng.uniform(-35, 35) if thing is not _shed else rng.uniform(-12, 12),
        )
    scene += placed(_ball(rng), rng.uniform(-2, 2), 0, -3)
    for x in np.arange(-8, 8, 0.8):  # a flower bed along the fence
        if rng.random() < 0.75:
            scene += placed(
                bush(
                    rng,
                    rng.uniform(0.3, 0.55),
                    rng.choice(((0.9, 0.3, 0.4), (0.95, 0.8, 0.2), (0.55, 0.4, 0.8), None)),
                ),
                x,
                0,
                z - 0.5,
            )
    if rng.random() < 0.5:
        line = [(-3.5, 1.9, 3.2), (3.5, 1.85, 3.2)]
        scene += tube(line, 0.01, matte((0.9, 0.9, 0.9)))
        for x in (-3.5, 3.5):
            scene += cylinder((x, 0, 3.2), (x, 2.0, 3.2), 0.04, metal((0.5, 0.5, 0.5), 0.1))
        for x in np.arange(-2.8, 2.6, 0.8):
            u = own.curtain(rng, 0.6, rng.uniform(0.5, 0.9), rng.choice((*CLOTHS, WHITE, WHITE)))
            scene += union(u, f"translate <{x},-0.9,0> scale <1,1,0.5> translate <0,1.88,3.2>")
    return scene, camera


def _parasol(rng: Random) -> str:
    parts, colours = (
        "",
        (tint(rng, rng.choice(CLOTHS)), rng.choice((WHITE, tint(rng, rng.choice(CLOTHS))))),
    )
    for i in range(8):
        a, b = i * math.pi / 4, (i + 1) * math.pi / 4
        tri = f"triangle {{ <0,2.55,0>,<{1.5 * math.cos(a):.3f},2.1,{1.5 * math.sin(a):.3f}>,<{1.5 * math.cos(b):.3f},2.1,{1.5 * math.sin(b):.3f}> {matte(colours[i % 2])} }}\n"
        parts += tri
    return (
        parts
        + cylinder((0, 0, 0), (0, 2.6, 0), 0.025, own.wood(rng))
        + cylinder((0, 0, 0), (0, 0.08, 0), 0.28, matte((0.4, 0.4, 0.4)))
    )


def _planter(rng: Random) -> str:
    pot = matte(tint(rng, rng.choice(((0.7, 0.4, 0.28), (0.45, 0.46, 0.48), (0.85, 0.82, 0.76)))))
    body = cone((0, 0, 0), 0.17, (0, 0.38, 0), 0.24, pot) + torus(
        0.235, 0.022, pot, "translate y*0.37"
    )
    return body + placed(
        bush(
            rng,
            rng.uniform(0.3, 0.42),
            rng.choice(
                ((0.9, 0.25, 0.35), (0.95, 0.6, 0.75), (0.95, 0.85, 0.3), (0.6, 0.45, 0.85))
            ),
        ),
        0,
        0.34,
        0,
    )


def _grill(rng: Random) -> str:
    black = gloss((0.06, 0.06, 0.07), 0.06)
    parts = (
        f"sphere {{ 0, 0.3 scale <1,0.8,1> translate y*0.85 {rng.choice((black, gloss((0.6, 0.1, 0.08), 0.05)))} }}\n"
        + torus(0.3, 0.012, metal(), "translate y*0.86")
    )
    for a in (0.5, 2.6, 4.7):
        parts += cylinder(
            (0.1 * math.cos(a), 0.7, 0.1 * math.sin(a)),
            (0.32 * math.cos(a), 0, 0.32 * math.sin(a)),
            0.015,
            metal(),
        )
    return parts + cylinder((-0.08, 1.12, -0.02), (0.08, 1.12, -0.02), 0.015, own.wood(rng))


def _bulbs(rng: Random, x0: float, x1: float, y: float, z: float) -> str:
    parts, points = "", []
    for i, x in enumerate(np.linspace(x0, x1, 13)):
        sag = y - 0.35 * (1 - ((i - 6) / 6) ** 2)
        points.append((x, sag, z))
        parts += sphere((x, sag - 0.07, z), 0.045, glow((1.0, 0.9, 0.65), 1.3))
    return parts + tube(points, 0.008, matte((0.1, 0.1, 0.1)))


def patio(rng: Random) -> tuple[str, Camera]:
    side = rng.choice((-1, 1))
    camera = Camera(
        (side * rng.uniform(0.3, 2.4), rng.uniform(1.5, 2.2), rng.uniform(-5.6, -4.4)),
        (rng.uniform(-0.4, 0.4), rng.uniform(0.85, 1.1), 0),
        rng.uniform(58, 70),
        512,
        384,
    )
    scene = (
        sky(rng)
        + _blades(rng)
        + f"plane {{ y, -0.03 {mapped(materials.lawn(rng), 'floor', (1.6, 1.6))} }}\n"
    )
    deck = rng.random() < 0.4
    floor = (
        mapped(materials.planks(rng, tint(rng, rng.choice(own.WOODS)), 8, 4), "floor", (2.4, 1.1))
        if deck
        else mapped(
            materials.paving(
                rng, tint(rng, rng.choice(((0.7, 0.66, 0.6), (0.6, 0.6, 0.62), (0.72, 0.55, 0.45))))
            ),
            "floor",
            (2.2, 2.2),
        )
    )
    scene += box((-8, -0.1, -9), (8, 0, 2.2), floor)
    wall = facade(rng)
    scene += box((-9, 0, 2.2), (9, 4.5, 3), wall)
    frame, pane = matte(rng.choice(((0.15, 0.15, 0.16), WHITE))), gloss((0.13, 0.17, 0.2), 0.28)
    x = -side * rng.uniform(0.2, 1.2)
    scene += box((x - 1.35, 0, 2.12), (x + 1.35, 2.25, 2.2), frame)
    for i in range(3):
        scene += box((x - 1.28 + i * 0.88, 0.08, 2.1), (x - 0.5 + i * 0.88, 2.17, 2.2), pane)
    if rng.random() < 0.6:
        scene += placed(_pane(rng, 1.0, 1.1), x + side * 2.9, 1.0, 2.2)
    texture = own.wood(rng)
    table = rng.choice(("dining", "lounge"))
    tx, tz = rng.uniform(-0.4, 0.4), rng.uniform(-1.0, -0.3)
    if table == "dining":
        scene += placed(own.dining_table(rng, 1.6, 0.9, texture), tx, 0, tz)
        for dx in (-0.42, 0.42):
            scene += placed(own.chair(rng, texture), tx + dx, 0, tz + 0.78, 0) + placed(
                own.chair(rng, texture), tx + dx, 0, tz - 0.78, 180
            )
        scene += placed(own.vase(rng), tx, 0.75, tz)
        for dx in (-0.4, 0.4):
            scene += cylinder(
                (tx + dx, 0.75, tz - 0.2), (tx + dx, 0.765, tz - 0.2), 0.12, gloss(WHITE)
            ) + cylinder(
                (tx + dx + 0.18, 0.75, tz - 0.1),
                (tx + dx + 0.18, 0.87, tz - 0.1),
                0.035,
                gloss(rng.choice(CLOTHS)),
            )
    else:
        colour = rng.choice(CLOTHS)
        scene += (
            placed(own.sofa(rng, 1.9, colour), tx, 0, tz + 1.4)
            + placed(own.sofa(rng, 0.9, colour), tx - side * 1.7, 0, tz + 0.1, -side * 90)
            + placed(own.coffee_table(rng), tx, 0, tz - 0.1)
        )
    if rng.random() < 0.75:
        scene += placed(
            _parasol(rng),
            tx + (0 if table == "dining" else side * 1.4),
            0,
            tz + (0 if table == "dining" else 0.8),
            rng.uniform(0, 45),
        )
    else:
        for px in (-2.6, 2.6):
            for pz in (-1.8, 1.9):
                scene += box((px - 0.06, 0, pz - 0.06), (px + 0.06, 2.5, pz + 0.06), texture)
            scene += box((px - 0.04, 2.5, -2.1), (px + 0.04, 2.64, 2.2), texture)
        for pz in np.arange(-2.0, 2.2, 0.4):
            scene += box((-2.9, 2.64, pz), (2.9, 2.74, pz + 0.05), texture)
        scene += _bulbs(rng, -2.6, 2.6, 2.5, -1.8)
    if rng.random() < 0.6:
        scene += _bulbs(rng, -3, 3, 2.75, 1.7)
    for px in (-3.1, 3.0, x - 1.75, x + 1.75):
        scene += placed(
            _planter(rng),
            px + rng.uniform(-0.15, 0.15),
            0,
            1.75 if abs(px) < 2.9 else rng.uniform(0.2, 1.5),
        )
    if rng.random() < 0.6:
        scene += placed(_grill(rng), side * -2.3, 0, 0.6)
    if rng.random() < 0.5:
        scene += placed(
            hedge(rng, 7, 1.5), side * -4.2, 0, -5 if side < 0 else 2.2, -90 if side < 0 else 90
        )
    return scene, camera
