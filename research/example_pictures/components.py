"""Parts of a circuit board in millimetres: each stands on y=0 around the origin."""

from __future__ import annotations

import math
from random import Random

import numpy as np

from research.example_pictures.povray import (
    box,
    cone,
    cylinder,
    gloss,
    matte,
    metal,
    placed,
    soft_box,
    sphere,
    tint,
    torus,
    tube,
)

TIN = metal((0.78, 0.78, 0.8), 0.35)
GOLD = metal((0.85, 0.68, 0.3), 0.3)
BLACK = matte((0.09, 0.09, 0.1), "specular 0.25 roughness 0.03")


def solder(x: float, z: float) -> str:
    """Return a pad with a cone of solder."""
    return cylinder((x, 0, z), (x, 0.06, z), 0.95, GOLD) + cone(
        (x, 0.05, z), 0.75, (x, 0.6, z), 0.3, TIN
    )


def comparator(rng: Random):
    """Return an eight-pin DIP package and the corners of what encloses it."""
    parts = soft_box((-4.8, 0.9, -3.2), (4.8, 4.2, 3.2), BLACK, 0.06)
    parts += cylinder((-4.9, 4.0, 0), (-4.9, 4.25, 0), 1.0, matte((0.03, 0.03, 0.03)))
    parts += cylinder((-3.7, 4.15, -2.1), (-3.7, 4.23, -2.1), 0.45, matte((0.45, 0.45, 0.45)))
    for i in range(3):
        parts += box(
            (-1.6, 4.18, -1.4 + i * 1.3),
            (rng.uniform(1.5, 3.6), 4.23, -0.9 + i * 1.3),
            matte((0.5, 0.5, 0.52)),
        )
    for x in (-3.81, -1.27, 1.27, 3.81):
        for z in (-3.9, 3.9):
            parts += box((x - 0.65, 1.4, z - 0.12), (x + 0.65, 2.6, z + 0.12), TIN) + box(
                (x - 0.28, 0, z - 0.12), (x + 0.28, 1.6, z + 0.12), TIN
            )
            parts += box(
                (x - 0.65, 2.4, min(z, z * 0.8)), (x + 0.65, 2.6, max(z, z * 0.8)), TIN
            ) + solder(x, z)
    return parts, (4.9, 4.3, 4.6)


def pot_resistor(rng: Random):
    """Return a blue trimming potentiometer with a cross-slotted dial."""
    blue = gloss(tint(rng, (0.1, 0.3, 0.72), 0.04), 0.03)
    parts = soft_box((-4.7, 0.3, -4.7), (4.7, 5.0, 4.7), blue, 0.08)
    turn = rng.uniform(0, 360)
    dial = cylinder((0, 4.9, 0), (0, 5.7, 0), 3.1, gloss((0.92, 0.9, 0.84), 0.02)) + torus(
        3.1, 0.25, gloss((0.8, 0.78, 0.7), 0.02), "translate y*5.5"
    )
    dial += box((-2.4, 5.6, -0.4), (2.4, 5.74, 0.4), matte((0.25, 0.22, 0.2))) + box(
        (-0.4, 5.6, -2.4), (0.4, 5.74, 2.4), matte((0.25, 0.22, 0.2))
    )
    dial += cone((0, 5.72, 2.9), 0.5, (0, 5.76, 2.0), 0.05, matte((0.25, 0.22, 0.2)))
    parts += placed(dial, 0, 0, 0, turn)
    for x in (-2.5, 0, 2.5):
        parts += solder(x, 5.2 if x else -5.2)
    return parts, (4.8, 5.8, 5.6)


def _led(colour: str, rng: Random):
    parts = (
        cylinder((0, 1.0, 0), (0, 2.0, 0), 2.9, colour)
        + cylinder((0, 1.8, 0), (0, 6.0, 0), 2.5, colour)
        + sphere((0, 6.0, 0), 2.5, colour)
    )
    for x in (-1.27, 1.27):
        parts += cylinder((x, 0, 0), (x, 1.2, 0), 0.3, TIN) + solder(x, 0)
    _ = rng
    return parts


def ir_led(rng: Random):
    """Return a clear 5 mm diode, its reflector cup inside."""
    clear = "texture { pigment { rgbt <0.82,0.87,0.98,0.42> } finish { ambient 0.03 diffuse 0.5 specular 1.2 roughness 0.008 reflection 0.06 } } "
    parts = _led(clear, rng)
    parts += (
        box((-0.9, 1.2, -0.25), (-0.4, 4.6, 0.25), TIN)
        + box((0.2, 1.2, -0.4), (1.2, 4.4, 0.4), TIN)
        + cone((0.5, 4.3, 0), 0.4, (0.5, 5.2, 0), 0.95, TIN)
    )
    return parts, (3.0, 8.5, 3.0)


def ir_phototransistor(rng: Random):
    """Return a dark 5 mm receiver."""
    dark = "texture { pigment { rgb <0.018,0.012,0.022> } finish { ambient 0 diffuse 0.6 specular 1.0 roughness 0.006 reflection 0.09 } } "
    return _led(dark, rng), (3.0, 8.5, 3.0)


def resistor(rng: Random):
    body = matte(
        rng.choice(((0.85, 0.74, 0.55), (0.35, 0.55, 0.68))), "specular 0.3 roughness 0.02"
    )
    parts = cylinder((-2.3, 1.3, 0), (2.3, 1.3, 0), 1.0, body)
    for x in (-2.4, 2.4):
        parts += sphere((x, 1.3, 0), 1.2, body)
    for x in (-1.6, -0.7, 0.2, 1.7):
        parts += cylinder(
            (x, 1.3, 0),
            (x + 0.4, 1.3, 0),
            1.03,
            matte(
                rng.choice(
                    (
                        (0.5, 0.25, 0.1),
                        (0.1, 0.1, 0.1),
                        (0.8, 0.15, 0.1),
                        (0.9, 0.5, 0.1),
                        (0.9, 0.8, 0.1),
                        (0.2, 0.5, 0.2),
                        (0.75, 0.6, 0.2),
                    )
                )
            ),
        )
    for s in (-1, 1):
        parts += tube([(s * 3.2, 1.3, 0), (s * 4.9, 1.3, 0), (s * 5.1, 0, 0)], 0.28, TIN) + solder(
            s * 5.1, 0
        )
    return parts, (6.0, 2.5, 1.4)


def capacitor(rng: Random):
    body = gloss(rng.choice(((0.1, 0.12, 0.3), (0.08, 0.08, 0.09), (0.1, 0.3, 0.25))), 0.03)
    r = rng.uniform(2.5, 3.4)
    parts = cylinder((0, 0.4, 0), (0, 9, 0), r, body) + cylinder(
        (0, 8.9, 0), (0, 9.1, 0), r * 0.86, metal((0.75, 0.75, 0.75), 0.2)
    )
    parts += box((-r * 0.8, 9.08, -0.08), (r * 0.8, 9.14, 0.08), BLACK) + box(
        (-0.08, 9.08, -r * 0.8), (0.08, 9.14, r * 0.8), BLACK
    )
    a = np.radians(30)
    parts += box(
        (r * math.cos(a) - 0.4, 1, -r * 0.4), (r + 0.02, 8.5, r * 0.4), matte((0.75, 0.75, 0.75))
    )
    return parts, (r + 0.2, 9.1, r + 0.2)


def ceramic(rng: Random):
    colour = gloss(rng.choice(((0.8, 0.5, 0.15), (0.75, 0.6, 0.25))), 0.03)
    parts = f"sphere {{ 0, 1 scale <2.7,2.7,1.0> translate y*4 {colour} }}\n"
    for x in (-1.27, 1.27):
        parts += cylinder((x, 0, 0), (x, 2.2, 0), 0.28, TIN) + solder(x, 0)
    _ = rng
    return parts, (3.0, 6.6, 1.4)


def transistor(rng: Random):
    parts = f"intersection {{ cylinder {{ <0,1.5,0>,<0,6,0>,2.4 }} box {{ <-3,0,-1.0>,<3,7,3> }} {BLACK} }}\n"
    for x in (-1.4, 0, 1.4):
        parts += cylinder((x, 0, 0.6), (x, 1.6, 0.6), 0.25, TIN) + solder(x, 0.6)
    _ = rng
    return parts, (2.7, 6.1, 2.6)


def header(rng: Random):
    n = rng.randint(3, 6)
    width = n * 1.27
    parts = box((-width, 0.2, -1.25), (width, 2.6, 1.25), BLACK)
    for i in range(n):
        x = -width + 1.27 + i * 2.54
        parts += box((x - 0.32, 0, -0.32), (x + 0.32, 8, 0.32), GOLD)
    return parts, (width + 0.3, 8, 1.5)


def terminal(rng: Random):
    colour = gloss(rng.choice(((0.12, 0.42, 0.2), (0.1, 0.25, 0.6))), 0.02)
    n = rng.choice((2, 3))
    width = n * 2.54
    parts = soft_box((-width, 0.1, -3.6), (width, 8.4, 3.6), colour, 0.05)
    for i in range(n):
        x = -width + 2.54 + i * 5.08
        parts += cylinder((x, 8.2, 0.6), (x, 8.6, 0.6), 1.7, TIN) + box(
            (x - 1.4, 8.58, 0.4), (x + 1.4, 8.64, 0.8), matte((0.2, 0.2, 0.2))
        )
        parts += box((x - 1.5, 1.5, -3.75), (x + 1.5, 5.0, -3.5), matte((0.05, 0.05, 0.05)))
    return parts, (width + 0.2, 8.5, 3.8)
