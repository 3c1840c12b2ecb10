"""Kitchen, bathroom, wardrobe and hall fittings, in metres, backs at z=0, faces to -z."""

from __future__ import annotations

import math
from random import Random

import numpy as np

from research.example_pictures.furniture import CLOTHS, WHITE, cloth, wood
from research.example_pictures.povray import (
    box,
    cone,
    cylinder,
    difference,
    gloss,
    glow,
    matte,
    metal,
    open_cone,
    placed,
    soft_box,
    sphere,
    surface,
    tint,
    torus,
    tube,
    union,
)

PORCELAIN = gloss((0.95, 0.95, 0.94), 0.07)
CHROME = metal((0.8, 0.8, 0.82), 0.55)


def fronts(
    rng: Random,
    x0: float,
    x1: float,
    y0: float,
    y1: float,
    z: float,
    texture: str,
    handles: str,
    rows=(1,),
) -> str:
    """Return cabinet doors with handles between x0 and x1."""
    count = max(1, round((x1 - x0) / 0.5))
    parts = ""
    for i in range(count):
        a, b = x0 + i * (x1 - x0) / count + 0.006, x0 + (i + 1) * (x1 - x0) / count - 0.006
        low = y0
        for share in rows:
            high = low + (y1 - y0) * share / sum(rows)
            parts += box((a, low + 0.006, z - 0.02), (b, high - 0.006, z), texture)
            parts += (
                box((a + 0.06, low + 0.07, z - 0.024), (b - 0.06, high - 0.07, z), texture)
                if high - low > 0.4
                else ""
            )
            hy = high - 0.07 if high - low < 0.4 or y0 < 1 else low + 0.1
            parts += cylinder(
                (a + (b - a) / 2 - 0.06, hy, z - 0.045),
                (a + (b - a) / 2 + 0.06, hy, z - 0.045),
                0.007,
                handles,
            )
            low = high
    return parts


def tap(texture: str = CHROME, high: float = 0.3) -> str:
    arc = [
        (0, 0, 0),
        *[
            (0, high - 0.09 + 0.09 * math.sin(a), -0.09 + 0.09 * math.cos(a))
            for a in np.linspace(0, math.pi, 8)
        ],
        (0, high - 0.14, -0.18),
    ]
    return (
        tube(arc, 0.013, texture)
        + cylinder((0, 0, 0), (0, 0.06, 0), 0.024, texture)
        + cylinder((0.02, 0.05, 0), (0.08, 0.08, 0), 0.008, texture)
    )


def hob(rng: Random) -> str:
    parts = box((-0.3, 0, -0.52), (0.3, 0.012, -0.06), gloss((0.04, 0.04, 0.045), 0.1))
    for x, z, r in (
        (-0.15, -0.4, 0.09),
        (0.15, -0.4, 0.07),
        (-0.15, -0.18, 0.07),
        (0.15, -0.18, 0.1),
    ):
        parts += torus(r, 0.006, matte((0.35, 0.35, 0.35)), f"translate <{x},0.014,{z}>")
    return parts


def pot(rng: Random) -> str:
    body = rng.choice((metal(), gloss((0.7, 0.15, 0.1), 0.06), gloss((0.15, 0.3, 0.4), 0.06)))
    parts = (
        cylinder((0, 0, 0), (0, 0.13, 0), 0.11, body)
        + cone((0, 0.13, 0), 0.112, (0, 0.15, 0), 0.05, body)
        + sphere((0, 0.165, 0), 0.018, matte((0.1, 0.1, 0.1)))
    )
    return (
        parts
        + tube([(-0.16, 0.1, 0), (-0.11, 0.1, 0)], 0.01, body)
        + tube([(0.16, 0.1, 0), (0.11, 0.1, 0)], 0.01, body)
    )


def oven(rng: Random) -> str:
    steel = metal((0.6, 0.6, 0.62), 0.25)
    parts = box((-0.3, 0.1, -0.62), (0.3, 0.87, -0.55), steel) + box(
        (-0.24, 0.2, -0.63), (0.24, 0.6, -0.6), gloss((0.05, 0.05, 0.06), 0.15)
    )
    parts += cylinder((-0.24, 0.68, -0.66), (0.24, 0.68, -0.66), 0.012, CHROME)
    for x in np.linspace(-0.22, 0.22, 5):
        parts += cylinder((x, 0.79, -0.65), (x, 0.79, -0.6), 0.025, matte((0.12, 0.12, 0.12)))
    return parts


def hood(rng: Random, top: float) -> str:
    steel = metal((0.65, 0.65, 0.67), 0.3)
    return (
        box((-0.35, 0, -0.5), (0.35, 0.05, 0), steel)
        + f"prism {{ conic_sweep linear_spline 0.35, 1, 5, <-0.35,-0.5>,<0.35,-0.5>,<0.35,0>,<-0.35,0>,<-0.35,-0.5> rotate x*180 translate y*1 scale <1,0.35,1> translate y*0.05 {steel} }}\n"
        + box((-0.14, 0.2, -0.28), (0.14, top, 0), steel)
    )


def fridge(rng: Random) -> str:
    body = rng.choice(
        (
            metal((0.68, 0.69, 0.7), 0.2),
            gloss(WHITE, 0.05),
            gloss(rng.choice(((0.5, 0.65, 0.62), (0.7, 0.2, 0.18))), 0.06),
        )
    )
    parts = soft_box((-0.33, 0.02, -0.64), (0.33, 1.2, 0), body, 0.06) + soft_box(
        (-0.33, 1.21, -0.64), (0.33, 1.82, 0), body, 0.06
    )
    for a, b in ((0.85, 1.15), (1.27, 1.5)):
        parts += cylinder((-0.26, a, -0.68), (-0.26, b, -0.68), 0.012, CHROME)
    return parts


def fruit_bowl(rng: Random) -> str:
    parts = difference(
        "sphere { <0,0.13,0>, 0.15 } sphere { <0,0.13,0>, 0.14 } box { <-1,0.11,-1>,<1,1,1> }",
        gloss(rng.choice(CLOTHS), 0.05),
    )
    for _ in range(7):
        a, r = rng.uniform(0, 6.28), rng.uniform(0, 0.07)
        parts += sphere(
            (r * math.cos(a), rng.uniform(0.08, 0.13), r * math.sin(a)),
            0.038,
            gloss(rng.choice(((0.8, 0.2, 0.1), (0.9, 0.6, 0.1), (0.55, 0.7, 0.15))), 0.03),
        )
    return parts


def stool(rng: Random, texture: str) -> str:
    parts = cylinder((0, 0.64, 0), (0, 0.68, 0), 0.17, texture)
    for a in (0.8, 2.36, 3.93, 5.5):
        x, z = math.cos(a), math.sin(a)
        parts += cylinder(
            (0.21 * x, 0, 0.21 * z), (0.12 * x, 0.65, 0.12 * z), 0.015, matte((0.15, 0.15, 0.15))
        )
    return parts + torus(0.17, 0.01, matte((0.15, 0.15, 0.15)), "translate y*0.25")


def toilet(rng: Random) -> str:
    p = PORCELAIN
    parts = soft_box((-0.19, 0.4, -0.19), (0.19, 0.8, 0), p, 0.15) + soft_box(
        (-0.2, 0.79, -0.2), (0.2, 0.83, 0.0), p, 0.2
    )
    parts += cylinder((0, 0.83, -0.1), (0, 0.845, -0.1), 0.03, CHROME)
    parts += difference(
        "cone { <0,0,0>, 0.13 <0,0.4,0>, 0.2 scale <0.95,1,1.3> translate <0,0,-0.43> } sphere { 0, 0.17 scale <0.85,1.2,1.2> translate <0,0.42,-0.45> }",
        p,
    )
    parts += box((-0.12, 0, -0.3), (0.12, 0.38, -0.02), p)
    parts += f"torus {{ 0.155, 0.03 scale <1,0.6,1.28> translate <0,0.41,-0.44> {p} }}\n"
    if rng.random() < 0.5:
        return (
            parts
            + f"cylinder {{ 0, y*0.03, 0.185 scale <1,1,1.28> translate <0,0.42,-0.44> {p} }}\n"
        )
    return (
        parts
        + f"cylinder {{ 0, z*0.03, 0.185 scale <1,1.25,1> rotate -x*8 translate <0,0.64,-0.23> {p} }}\n"
    )


def bathtub(rng: Random, width: float = 1.7) -> str:
    p = PORCELAIN
    if rng.random() < 0.5:  # built in
        parts = difference(
            box((-width / 2, 0, -0.75), (width / 2, 0.56, 0), p)
            + f"superellipsoid {{ <0.35,0.35> scale <{width / 2 - 0.1},0.42,0.29> translate <0,0.62,-0.375> {p} }}"
        )
    else:  # free standing
        outer = f"superellipsoid {{ <0.8,0.45> rotate x*90 scale <{width / 2},0.58,0.39> translate <0,0.58,-0.42> }}"
        inner = f"superellipsoid {{ <0.8,0.45> rotate x*90 scale <{width / 2 - 0.05},0.5,0.34> translate <0,0.6,-0.42> }}"
        parts = difference(f"{outer} {inner} box {{ <-2,0.58,-2>,<2,2,2> }}", p)
    parts += placed(tap(), -width / 2 + 0.3, 0.56, -0.03)
    return parts


def shower(rng: Random) -> str:
    """Return a glass cabin of 0.9 m in a corner: the wall is behind it."""
    glass = "texture { pigment { rgbt <0.75,0.88,0.86,0.8> } finish { ambient 0 diffuse 0.5 specular 0.6 roughness 0.005 } } no_radiosity no_shadow"
    parts = (
        box((-0.45, 0, -0.9), (0.45, 0.09, 0), PORCELAIN)
        + box((-0.45, 0.09, -0.9), (0.45, 2.0, -0.89), glass)
        + box((0.44, 0.09, -0.9), (0.45, 2.0, 0), glass)
    )
    for x in (-0.45, 0.45):
        parts += box((x - 0.012, 0.09, -0.91), (x + 0.012, 2.0, -0.885), CHROME)
    parts += box((-0.45, 1.98, -0.91), (0.45, 2.01, -0.885), CHROME)
    parts += (
        cylinder((0.0, 0.9, -0.05), (0.0, 2.05, -0.05), 0.012, CHROME)
        + tube([(0, 2.05, -0.05), (0, 2.08, -0.3)], 0.012, CHROME)
        + cone((0, 2.02, -0.32), 0.1, (0, 2.07, -0.31), 0.03, CHROME)
    )
    return (
        parts
        + box((-0.06, 1.1, -0.08), (0.06, 1.15, -0.02), CHROME)
        + cylinder((0.2, 0.95, -0.86), (0.2, 1.25, -0.95), 0.01, CHROME)
    )


def washbasin(rng: Random, width: float = 0.8) -> str:
    """Return a vanity with basin, tap and a mirror above."""
    body = rng.choice(
        (wood(rng), gloss(tint(rng, (0.85, 0.86, 0.85)), 0.03), matte(tint(rng, (0.3, 0.42, 0.45))))
    )
    parts = box((-width / 2, 0.3, -0.48), (width / 2, 0.8, 0), body) + fronts(
        rng, -width / 2, width / 2, 0.3, 0.8, -0.48, body, CHROME
    )
    parts += difference(
        soft_box((-width / 2 - 0.02, 0.78, -0.52), (width / 2 + 0.02, 0.9, 0), PORCELAIN, 0.1)
        + f"superellipsoid {{ <0.5,0.4> scale <{width / 2 - 0.12},0.1,0.17> translate <0,0.91,-0.28> {PORCELAIN} }}"
    )
    parts += placed(tap(high=0.24), 0, 0.9, -0.05)
    mirror = "texture { pigment { rgb 0.02 } finish { ambient 0 diffuse 0.05 reflection 0.85 } }"
    if rng.random() < 0.5:
        parts += box((-width / 2 + 0.03, 1.15, -0.02), (width / 2 - 0.03, 1.95, 0), mirror) + box(
            (-width / 2 + 0.01, 1.13, -0.015), (width / 2 - 0.01, 1.97, 0), matte((0.3, 0.25, 0.2))
        )
    else:
        parts += (
            cylinder((0, 1.52, -0.02), (0, 1.52, 0), 0.38, mirror)
            + f"torus {{ 0.385, 0.015 rotate x*90 translate <0,1.52,-0.015> {CHROME} }}\n"
        )
    parts += cylinder(
        (width / 2 - 0.12, 0.9, -0.14),
        (width / 2 - 0.12, 1.0, -0.14),
        0.035,
        gloss(rng.choice(CLOTHS), 0.04),
    )
    for lean in (-0.03, 0.02):
        parts += cylinder(
            (width / 2 - 0.12, 0.92, -0.14),
            (width / 2 - 0.12 + lean, 1.09, -0.14),
            0.006,
            matte(rng.choice(CLOTHS)),
        )
    return parts + box((-0.2, 2.02, -0.08), (0.2, 2.07, 0), glow((1, 0.97, 0.9), 1.2))


def towel_rail(rng: Random) -> str:
    parts = cylinder((-0.35, 1.2, -0.07), (0.35, 1.2, -0.07), 0.01, CHROME)
    for x in rng.sample((-0.17, 0.17), rng.choice((1, 2))):
        texture = cloth(rng)
        u, v = np.meshgrid(np.linspace(-0.15, 0.15, 8), np.linspace(-0.55, 0, 12))
        front = np.stack([u, v, -0.02 + 0.008 * np.sin(u * 40) - 0.02 * v], -1)
        parts += surface(front + (x, 1.21, -0.07), texture) + box(
            (x - 0.15, 0.85, -0.06), (x + 0.15, 1.21, -0.05), texture
        )
    return parts


def garment(rng: Random, texture: str, long: float = 0.9) -> str:
    """Return a shirt, jacket or dress on a hanger; the rail is at y=0 along x, seen from the side."""
    t = np.linspace(0, 1, 14)[:, None]
    a = np.linspace(0, 2 * math.pi, 25)[None]
    wide = np.where(t < 0.12, 0.05 + t / 0.12 * 0.17, 0.22 + (t - 0.12) * rng.uniform(0.0, 0.12))
    thick = np.where(t < 0.12, 0.02 + 0.2 * t, 0.04 + 0.015 * t) * rng.uniform(0.6, 1)
    ripple = 1 + 0.12 * np.sin(a * 7) * t
    x = thick * np.cos(a) * ripple
    z = wide * np.sin(a)
    y = -0.08 - t * long + 0 * a
    parts = surface(np.stack([x + 0 * t, y, z], -1), texture, closed=True)
    if rng.random() < 0.6:
        for side in (-1, 1):
            parts += cone(
                (0, -0.14, side * 0.2),
                0.045,
                (0, -0.14 - 0.55, side * 0.25),
                0.03,
                texture,
                "scale <0.7,1,1>",
            )
    hook = metal((0.6, 0.6, 0.6), 0.3)
    return (
        parts
        + tube([(0, -0.1, 0), (0, 0.0, 0), (0, 0.02, 0.02)], 0.004, hook)
        + tube([(0, -0.16, -0.2), (0, -0.08, 0), (0, -0.16, 0.2)], 0.007, matte((0.5, 0.35, 0.22)))
    )


def rail_of_clothes(rng: Random, width: float, long: float | None = None) -> str:
    """Return a clothes rail with garments; the rail is at y=0, centred on x=0, z=0."""
    parts = cylinder((-width / 2, 0.02, 0), (width / 2, 0.02, 0), 0.013, CHROME)
    x = -width / 2 + 0.05
    while x < width / 2 - 0.05:
        kind = cloth(
            rng,
            tint(
                rng,
                rng.choice(
                    (
                        *CLOTHS,
                        (0.9, 0.9, 0.9),
                        (0.12, 0.12, 0.15),
                        (0.55, 0.12, 0.16),
                        (0.2, 0.35, 0.6),
                    )
                ),
                0.08,
            ),
        )
        parts += union(
            garment(rng, kind, (long or rng.uniform(0.65, 1.0))),
            f"rotate y*{rng.uniform(-18, 18)} translate x*{x}",
        )
        x += rng.uniform(0.055, 0.1)
    return parts


def folded(rng: Random, count: int) -> str:
    parts, y = "", 0.0
    for _ in range(count):
        h = rng.uniform(0.035, 0.06)
        parts += soft_box(
            (-0.15, y, -0.17),
            (0.15, y + h, 0.17),
            cloth(rng, rng.choice(CLOTHS)),
            0.25,
            f"rotate y*{rng.uniform(-3, 3)}",
        )
        y += h
    return parts


def shoes(rng: Random) -> str:
    texture = matte(
        tint(
            rng,
            rng.choice(
                (
                    (0.15, 0.12, 0.1),
                    (0.5, 0.33, 0.2),
                    (0.85, 0.85, 0.85),
                    (0.6, 0.15, 0.15),
                    (0.2, 0.25, 0.4),
                )
            ),
        ),
        "specular 0.3 roughness 0.03",
    )
    sole = matte((0.85, 0.83, 0.8) if rng.random() < 0.5 else (0.1, 0.1, 0.1))
    parts = ""
    for x in (-0.055, 0.055):
        parts += soft_box((x - 0.045, 0, -0.14), (x + 0.045, 0.03, 0.13), sole, 0.5)
        parts += soft_box(
            (x - 0.043, 0.015, -0.135), (x + 0.043, 0.075, 0.1), texture, 0.7
        ) + soft_box((x - 0.04, 0.02, 0.0), (x + 0.04, 0.12, 0.13), texture, 0.5)
    return parts


def carton(rng: Random, size: float) -> str:
    tone = rng.choice(((0.72, 0.57, 0.4), (0.85, 0.82, 0.78), (0.4, 0.45, 0.5)))
    return box((-size / 2, 0, -0.17), (size / 2, size * 0.6, 0.17), matte(tone)) + box(
        (-size / 2 - 0.005, size * 0.5, -0.175),
        (size / 2 + 0.005, size * 0.62, 0.175),
        matte(tint(rng, tone)),
    )


def umbrella_stand(rng: Random) -> str:
    parts = open_cone((0, 0, 0), 0.11, (0, 0.5, 0), 0.12, metal((0.35, 0.33, 0.3), 0.15))
    for _ in range(2):
        x, z = rng.uniform(-0.06, 0.06), rng.uniform(-0.05, 0.05)
        parts += cone((0, 0.1, 0), 0.01, (x, 0.75, z), 0.04, cloth(rng)) + cylinder(
            (x, 0.75, z), (x * 1.2, 0.9, z), 0.01, matte((0.35, 0.22, 0.12))
        )
    return parts


def coats(rng: Random, width: float = 1.0) -> str:
    """Return a hook board with coats, its board at y=1.7."""
    parts = box((-width / 2, 1.65, -0.025), (width / 2, 1.77, 0), wood(rng))
    for x in np.arange(-width / 2 + 0.12, width / 2 - 0.05, 0.2):
        parts += tube(
            [(x, 1.7, 0), (x, 1.68, -0.07), (x, 1.73, -0.09)], 0.009, metal((0.3, 0.28, 0.25), 0.2)
        )
        if rng.random() < 0.65:
            parts += union(
                garment(rng, cloth(rng, tint(rng, rng.choice(CLOTHS), 0.1)), rng.uniform(0.7, 1.0)),
                f"rotate y*{rng.uniform(60, 120)} scale <1.0,1,0.8> translate <{x},1.72,-0.1>",
            )
    return parts


def stairs(rng: Random, width: float = 0.95, steps: int = 13) -> str:
    """Return stairs that rise along +z with balusters at their left side."""
    tread, riser = wood(rng), matte(WHITE)
    parts = ""
    for i in range(steps):
        y, z = i * 0.185, i * 0.25
        parts += box((0, y, z), (width, y + 0.155, z + 0.27), riser) + box(
            (-0.02, y + 0.155, z - 0.03), (width, y + 0.185, z + 0.27), tread
        )
        parts += cylinder((0.03, y + 0.18, z + 0.12), (0.03, y + 1.05, z + 0.12), 0.014, riser)
    parts += box((-0.02, 0, -0.1), (0.08, 1.2, 0.0), riser) + sphere(
        (0.03, 1.25, -0.05), 0.06, tread
    )
    return parts + tube(
        [(0.03, 1.12, -0.05), (0.03, 1.12 + steps * 0.185, -0.05 + steps * 0.25)], 0.028, tread
    )
