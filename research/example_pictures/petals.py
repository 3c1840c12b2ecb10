"""Petals, leaves, stems and flower heads as meshes; a head faces +y and has radius about 1."""

from __future__ import annotations

import math
from random import Random

import numpy as np

from research.example_pictures.povray import cone, matte, rgb, sphere, surface, tint, union


def petal(
    length: float, width: float, rise: float, bend: float, turn: float, *, cup: float = 0.25,
    widest: float = 0.6, point: float = 1.0, ruffle: float = 0.0, base: float = 0.0, phase: float = 0.0,
) -> np.ndarray:  # fmt: skip
    """Return a grid of a petal that starts `base` from the axis, rises `rise` degrees, then bends.

    `widest` is where along its length it is widest; `point` above 1 makes a pointed tip.
    """
    u = np.linspace(0, 1, 13)
    v = np.linspace(-1, 1, 9)[None]
    angle = np.radians(rise + bend * u)
    r = base + np.concatenate([[0], np.cumsum(np.cos(angle))[:-1]]) * length / 12
    y = np.concatenate([[0], np.cumsum(np.sin(angle))[:-1]]) * length / 12
    power = math.log(0.5) / math.log(widest)
    half = width / 2 * np.maximum(np.sin(math.pi * u**power), 0.0) ** (0.55 * point) + 0.02 * width
    side = v * half[:, None]
    lift = cup * v**2 * half[:, None]
    wave = ruffle * np.sin(v * 7 + phase) * (u[:, None] ** 2)
    radial = r[:, None] - lift * np.sin(angle)[:, None] * 0.7
    height = y[:, None] + lift * np.cos(angle)[:, None] + wave
    a = math.radians(turn)
    x = radial * math.cos(a) - side * math.sin(a)
    z = radial * math.sin(a) + side * math.cos(a)
    return np.stack([x, height, z], -1)


def skin(inner, outer, size: float = 1.2, more: str = "") -> str:
    """Return a petal's texture: one colour at the heart, another at the rim, light shines through."""
    return (
        f"texture {{ pigment {{ spherical scale {size:.3f} turbulence 0.08 color_map {{ [0 {rgb(outer)}][0.45 {rgb(outer)}][1 {rgb(inner)}] }} }} "
        f"normal {{ wrinkles 0.12 scale 0.18 }} finish {{ ambient 0.03 diffuse 0.72,0.3 specular 0.12 roughness 0.06 {more} }} }}"
    )


def blade(
    rng: Random,
    colour,
    length: float,
    width: float,
    rise: float,
    bend: float,
    turn: float,
    widest: float = 0.45,
    point: float = 1.4,
) -> str:
    """Return a leaf from the origin."""
    dark = tuple(c * 0.75 for c in colour)
    texture = (
        f"texture {{ pigment {{ granite turbulence 0.4 scale 0.6 color_map {{ [0 {rgb(dark)}][1 {rgb(tint(rng, colour, 0.04))}] }} }} "
        "normal { ripples 0.1 scale 0.12 } finish { ambient 0.02 diffuse 0.7,0.25 specular 0.35 roughness 0.03 } }"
    )
    return surface(
        petal(length, width, rise, bend, turn, cup=0.3, widest=widest, point=point), texture
    )


def camellia(rng: Random, colour, opened: bool) -> str:
    texture = skin(tuple(min(1, c * 0.9) for c in colour), colour, 1.3)
    parts, turn = "", rng.uniform(0, 360)
    if not opened:
        for i in range(9):
            turn += 137.5
            parts += surface(petal(1.05, 0.75, 42 + 3 * i, 75, turn, cup=0.55, base=0.02), texture)
        for i in range(5):
            parts += blade(rng, (0.45, 0.55, 0.25), 0.55, 0.5, 25, 75, i * 72, 0.5, 0.8)
        return union(parts, "scale 0.7")
    for ring, (count, rise, length) in enumerate(
        ((8, 4, 1.05), (8, 18, 0.95), (7, 32, 0.82), (6, 48, 0.66), (5, 62, 0.5), (3, 75, 0.35))
    ):
        for i in range(count):
            angle = turn + ring * 23 + i * 360 / count + rng.uniform(-6, 6)
            parts += surface(
                petal(
                    length,
                    length * 0.95,
                    rise + rng.uniform(-4, 4),
                    12 - 20 * (ring < 2),
                    angle,
                    cup=0.28,
                    widest=0.68,
                    ruffle=0.03,
                    phase=rng.uniform(0, 6),
                ),
                texture,
            )
    if rng.random() < 0.4:
        parts += "".join(
            sphere((0.1 * math.cos(i), 0.42, 0.1 * math.sin(i)), 0.035, matte((0.95, 0.8, 0.3)))
            for i in range(7)
        )
    return parts


def helleborus(rng: Random, colour, opened: bool) -> str:
    texture = skin(
        tuple(0.6 * c + 0.4 * g for c, g in zip(colour, (0.6, 0.75, 0.4), strict=True)),
        colour,
        1.15,
    )
    parts, turn = "", rng.uniform(0, 72)
    rise, bend = (22, -8) if opened else (62, 22)
    for i in range(5):
        parts += surface(
            petal(
                1.0,
                0.98,
                rise + rng.uniform(-5, 5) + (i % 2) * 4,
                bend,
                turn + i * 72,
                cup=0.25,
                widest=0.58,
                point=0.95,
                ruffle=0.02,
                base=0.05,
            ),
            texture,
        )
    anther, thread = matte((0.93, 0.88, 0.6)), matte((0.85, 0.9, 0.65))
    if opened:
        for i in range(46):
            a, r = i * 2.4, 0.08 + 0.36 * math.sqrt(i / 46)
            top = (r * math.cos(a), 0.42 + 0.1 * rng.random() - r * 0.25, r * math.sin(a))
            parts += cone((0.25 * top[0], 0.05, 0.25 * top[2]), 0.012, top, 0.01, thread) + sphere(
                top, 0.036, anther
            )
        for i in range(9):
            parts += blade(rng, (0.6, 0.72, 0.3), 0.24, 0.16, 50, 10, i * 40, 0.6, 0.6)
    return parts


def jonquil(rng: Random, colour, opened: bool) -> str:
    texture = skin((0.95, 0.78, 0.15), colour, 1.2)
    parts, turn = "", rng.uniform(0, 60)
    if not opened:
        for i in range(6):
            parts += surface(petal(1.25, 0.5, 66, 38, turn + i * 60, cup=0.7, widest=0.45), texture)
        for i in range(2):
            parts += surface(
                petal(0.85, 0.5, 75, 18, turn + i * 180, cup=0.9, base=0.06),
                matte((0.72, 0.66, 0.45)),
            )
        return union(parts, "scale 0.85")
    for i in range(6):
        parts += surface(
            petal(
                1.08,
                0.62 + 0.06 * (i % 2),
                6 + 5 * (i % 2) + rng.uniform(-5, 5),
                4,
                turn + i * 60,
                cup=0.18,
                widest=0.52,
                point=1.25,
            ),
            texture,
        )
    cup = skin(
        (0.85, 0.55, 0.05),
        rng.choice(((0.95, 0.5, 0.06), (0.96, 0.66, 0.08), (0.98, 0.75, 0.1))),
        1.4,
    )
    t, a = np.linspace(0, 1, 12)[:, None], np.linspace(0, 2 * math.pi, 61)[None]
    radius = 0.2 + 0.14 * t + 0.12 * t**4 + 0.035 * t**3 * np.sin(a * 11)
    ring = np.stack(
        [
            radius * np.cos(a),
            0.02 + 0.62 * t + 0 * a + 0.02 * t**3 * np.sin(a * 17),
            radius * np.sin(a),
        ],
        -1,
    )
    parts += surface(ring, cup, closed=True)
    for i in range(6):
        top = (0.08 * math.cos(i), 0.42, 0.08 * math.sin(i))
        parts += cone((0, 0, 0), 0.02, top, 0.016, matte((0.9, 0.8, 0.3))) + sphere(
            top, 0.045, matte((0.95, 0.75, 0.2))
        )
    return parts


def honey_myrtle(rng: Random, colour, opened: bool) -> str:
    """Return a pompon of threads with golden tips, or a cluster of buds; the axis is a twig."""
    parts = ""
    count = 330 if opened else 75
    thread, gold = matte(colour), matte((0.95, 0.88, 0.55))
    bud, green = matte(tint(rng, (0.62, 0.42, 0.62))), matte(tint(rng, (0.5, 0.62, 0.35)))
    for i in range(count):
        y = 1 - 2 * (i + 0.5) / count
        a = i * 2.39996 + rng.uniform(-0.2, 0.2)
        r = math.sqrt(1 - y * y)
        d = np.array([r * math.cos(a), y, r * math.sin(a)])
        root = d * (0.18, 0.6, 0.18)
        if opened:
            tip = root + (d + np.array([rng.uniform(-0.14, 0.14) for _ in range(3)])) * rng.uniform(
                0.55, 0.72
            )
            parts += cone(root, 0.016, tip, 0.011, thread) + sphere(tip, 0.026, gold)
        else:
            parts += sphere(root * 1.45, 0.085, bud if rng.random() < 0.65 else green)
    return parts


def spurge(rng: Random, colour, opened: bool) -> str:
    """Return a dome of small cups with dark hearts."""
    parts, cups = "", 56 if opened else 26
    texture, heart = skin((0.75, 0.85, 0.2), colour, 0.4), matte((0.45, 0.2, 0.12))
    for i in range(cups):
        share = i / cups
        a, climb = i * 2.39996, math.radians(88 - 118 * share)
        d = np.array(
            [math.cos(climb) * math.cos(a), math.sin(climb), math.cos(climb) * math.sin(a)]
        )
        place = d * (0.72, 0.85, 0.72) * (1 if opened else 0.6)
        size = (0.3 if opened else 0.17) * rng.uniform(0.85, 1.1)
        flower = ""
        for k in range(3):
            flower += surface(
                petal(1, 1.15, 25 if opened else 60, 8, k * 120, cup=0.3, widest=0.6)[::3, ::2],
                texture,
            )
        flower += sphere((0, 0.22, 0), 0.2, matte((0.72, 0.8, 0.2)))
        if opened:
            flower += "".join(
                sphere((0.2 * math.cos(q), 0.3, 0.2 * math.sin(q)), 0.09, heart)
                for q in (0, 2.1, 4.2)
            )
        lean, way = (
            math.degrees(math.acos(max(-1, min(1, d[1])))),
            math.degrees(math.atan2(d[0], d[2])),
        )
        parts += union(
            flower,
            f"scale {size:.3f} rotate x*{lean:.1f} rotate y*{way:.1f} translate <{place[0]:.3f},{place[1]:.3f},{place[2]:.3f}>",
        )
        if i % 2 == 0:
            parts += cone((0, -0.6, 0), 0.03, tuple(place), 0.025, matte((0.55, 0.68, 0.3)))
    return parts
