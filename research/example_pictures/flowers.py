"""Flowers: five species, with and without leaves, fully grown and not; three labels a picture."""

from __future__ import annotations

import math
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from research.example_pictures import materials, petals
from research.example_pictures.collection import Collection, Job
from research.example_pictures.petals import blade
from research.example_pictures.povray import Camera, light, matte, render, tint, tube, union

SPECIES = {
    "camellia": (petals.camellia, ((0.88, 0.25, 0.4), (0.82, 0.1, 0.18), (0.95, 0.72, 0.78), (0.96, 0.92, 0.9))),
    "helleborus": (petals.helleborus, ((0.85, 0.88, 0.72), (0.55, 0.25, 0.4), (0.78, 0.55, 0.62), (0.4, 0.18, 0.3))),
    "jonquil": (petals.jonquil, ((0.97, 0.88, 0.2), (0.98, 0.92, 0.45), (0.97, 0.82, 0.12))),
    "mauve_honey_myrtle": (petals.honey_myrtle, ((0.72, 0.45, 0.78), (0.8, 0.5, 0.75), (0.62, 0.42, 0.75))),
    "mediterranean_spurge": (petals.spurge, ((0.78, 0.86, 0.3), (0.68, 0.82, 0.32), (0.84, 0.85, 0.25))),
}  # fmt: skip
_COUNTS = {"train": 3, "test": 2}
_WIDTH, _HEIGHT = 512, 384


def _jobs() -> list[Job]:
    jobs = [
        Job(
            split,
            f"{species}_{leaves}_{growth}_{number}.jpg".replace("out_leaves", "out"),
            f"{species} {leaves} {growth}",
        )
        for number in (1, 2, 3)
        for split, count in _COUNTS.items()
        for species in SPECIES
        for leaves in ("with_leaves", "without_leaves")
        for growth in ("fully_grown", "not_fully_grown")
        if number <= count
    ]
    named = [Job(j.split, f"flower_{i:03d}.jpg", j.scene) for i, j in enumerate(jobs, 1)]
    return [*named, Job("sample", "flowers.jpg", "helleborus with_leaves fully_grown")]


def _render(scene: str, rng: Random) -> tuple[Image.Image, dict]:
    labels = scene.split()
    camera = Camera(
        (rng.uniform(-1.5, 1.5), rng.uniform(-0.2, 1.6), -9.2),
        (0, 0.1, 0),
        rng.uniform(34, 41),
        _WIDTH,
        _HEIGHT,
    )
    far = backdrop(rng)
    if rng.random() < 0.75:  # more of them behind, out of focus
        behind = Camera((0, 0.8, -13), (0, 0.2, 0), rng.uniform(34, 46), 400, 300)
        plants = ""
        for x in (-2.2, 2.0):
            declared, planted = _plants(rng, *labels)
            plants += declared + union(
                planted, f"translate <{x},{rng.uniform(-0.8, 0.5):.2f},{rng.uniform(0, 3):.2f}>"
            )
        far = render(
            _surroundings(rng, far) + plants, behind, radiosity=False, antialias=0.9
        ).resize((640, 480))
        far = far.filter(ImageFilter.GaussianBlur(rng.uniform(5, 10)))
    text = _surroundings(rng, far) + "".join(_plants(rng, *labels))
    return render(text, camera, radiosity=False), {"labels": labels}


def backdrop(rng: Random) -> Image.Image:
    """Paint a garden far out of focus."""
    kind = rng.choice(("green", "green", "soil", "sky", "wall"))
    base = {
        "green": (70, 100, 50),
        "soil": (105, 85, 65),
        "sky": (160, 190, 215),
        "wall": (165, 150, 135),
    }[kind]
    shade = rng.uniform(0.6, 1.1)
    picture = Image.new("RGB", (640, 480), tuple(int(c * shade) for c in base))
    pen = ImageDraw.Draw(picture, "RGBA")
    for _ in range(90):
        x, y, r = rng.randint(-40, 680), rng.randint(-40, 520), rng.randint(15, 110)
        green = rng.random() < (0.75 if kind == "green" else 0.4)
        tone = (
            (rng.randint(40, 130), rng.randint(80, 160), rng.randint(30, 90))
            if green
            else tuple(max(0, min(255, int(c * rng.uniform(0.6, 1.25)))) for c in base)
        )
        pen.ellipse((x - r, y - r, x + r, y + r), fill=(*tone, rng.randint(60, 160)))
    if rng.random() < 0.4:
        for _ in range(24):
            x, y, r = rng.randint(0, 640), rng.randint(0, 480), rng.randint(10, 26)
            tone = rng.choice(((230, 220, 120), (225, 150, 165), (240, 240, 235)))
            pen.ellipse((x - r, y - r, x + r, y + r), fill=(*tone, 130))
    picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(10, 20)))
    pen = ImageDraw.Draw(picture, "RGBA")
    for _ in range(rng.choice((0, 12, 30))):  # discs of light
        x, y, r = rng.randint(0, 640), rng.randint(0, 300), rng.randint(8, 24)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=(255, 250, 215, rng.randint(18, 55)))
    return picture.filter(ImageFilter.GaussianBlur(2.5))


def _surroundings(rng: Random, far: Image.Image) -> str:
    path = materials.saved(far)
    side = rng.choice((-1, 1))
    warm = (1.0, rng.uniform(0.88, 1.0), rng.uniform(0.72, 0.98))
    strength = rng.uniform(1.05, 1.6)
    return (
        f'box {{ <0,0,0>,<1,1,0.01> texture {{ pigment {{ image_map {{ png "{path}" interpolate 2 once }} }} '
        "finish { ambient 0 diffuse 0 emission 1 } } no_shadow translate <-0.5,-0.5,0> scale <23,17.25,1> translate <0,0,9> }\n"
        + light(
            (side * rng.uniform(5, 16), rng.uniform(9, 18), -rng.uniform(6, 16)),
            [c * strength for c in warm],
        )
        + light((-side * 12, 5, -9), (0.5, 0.52, 0.56), "shadowless")
        + light((side * 4, 6, 10), [c * 0.6 for c in warm], "shadowless")
    )


def _places(rng: Random, count: int, size: float):
    """Return where heads are: apart from each other, within the picture."""
    places: list[tuple[float, float, float]] = []
    for _ in range(400):
        x, y = rng.uniform(-2.4, 2.4), rng.uniform(-1.2, 1.6)
        if all(math.hypot(x - a, y - b) > 1.35 * size for a, b, _ in places):
            places.append((x, y, rng.uniform(-0.6, 0.9)))
        if len(places) == count:
            break
    return places


def _plants(rng: Random, species: str, leaves: str, growth: str) -> tuple[str, str]:
    """Return what is declared for them, and the plants."""
    make, colours = SPECIES[species]
    opened, leafy = growth == "fully_grown", leaves == "with_leaves"
    colour = tint(rng, rng.choice(colours), 0.03)
    name = f"Head{rng.randrange(10**9)}"
    text = ""
    declared = "".join(
        f"#declare {name}x{i} = union {{ {make(rng, colour, opened)} }}\n" for i in range(2)
    )
    size = rng.uniform(0.8, 1.15) * (1.0 if opened else 1.1)
    count = rng.randint(2, 6) if opened else rng.randint(4, 7)
    woody = species in ("camellia", "mauve_honey_myrtle")
    stem = matte(tint(rng, (0.42, 0.32, 0.24) if woody else (0.42, 0.58, 0.28), 0.04))
    for x, y, z in _places(rng, count, size):
        toward, sideways = _facing(rng, species, opened)
        scale = size * rng.uniform(0.85, 1.1)
        text += f"object {{ {name}x{rng.randrange(2)} rotate y*{rng.uniform(0, 360):.1f} rotate -x*{toward:.1f} rotate z*{sideways:.1f} scale {scale:.3f} translate <{x:.3f},{y:.3f},{z:.3f}> }}\n"
        path = _stem_path(rng, species, x, y, z, scale, toward)
        text += tube(path, 0.05 if not woody else 0.06, stem)
        if leafy:
            text += _foliage(rng, species, path)
    return declared, text


def _facing(rng: Random, species: str, opened: bool) -> tuple[float, float]:
    """Return how far a head leans toward the camera, and sideways, in degrees."""
    if species in ("camellia", "jonquil", "helleborus") and opened:
        return rng.uniform(48, 88), rng.uniform(-28, 28)
    if species == "helleborus":
        return rng.uniform(110, 150), rng.uniform(-30, 30)
    return rng.uniform(0, 25), rng.uniform(-22, 22)


def _stem_path(
    rng: Random, species: str, x: float, y: float, z: float, scale: float, toward: float
):
    foot = x * 0.55 + rng.uniform(-0.5, 0.5)
    behind = 0.25 * scale * math.sin(math.radians(min(toward, 90)))
    points = []
    for t in np.linspace(0, 1, 9):
        bow = 0.25 * math.sin(t * math.pi)
        points.append(
            (
                x + (foot - x) * t**1.3 + bow * 0.4,
                y - 0.05 + (-5.2 - y) * t,
                z + behind + 0.35 * math.sin(t * 3),
            )
        )
    if species == "helleborus" and toward > 100:  # a nodding neck
        points = [
            (x, y + 0.05, z),
            (x + 0.1, y + 0.5 * scale, z + 0.1),
            (x + 0.3, y + 0.45 * scale, z + 0.25),
            *points[2:],
        ]
    if species in ("mauve_honey_myrtle",):
        points.insert(0, (x, y + 0.5 * scale, z))
    return points


def _foliage(rng: Random, species: str, path) -> str:
    parts = ""
    if species == "jonquil":
        for _ in range(5):
            x = path[-1][0] + rng.uniform(-1.1, 1.1)
            leaf = blade(
                rng,
                (0.38, 0.6, 0.34),
                rng.uniform(4.5, 6.6),
                0.34,
                rng.uniform(76, 88),
                rng.uniform(-18, 10),
                rng.uniform(0, 360),
                0.45,
                0.7,
            )
            parts += union(leaf, f"translate <{x:.2f},-4.6,{rng.uniform(0.3, 1.3):.2f}>")
        return parts
    for index, (x, y, z) in enumerate(path[1:7], 1):
        if species == "camellia":
            for _ in range(2):
                leaf = blade(
                    rng,
                    (0.18, 0.44, 0.2),
                    rng.uniform(1.2, 1.7),
                    rng.uniform(0.6, 0.8),
                    rng.uniform(0, 35),
                    rng.uniform(-35, -5),
                    rng.uniform(0, 360),
                )
                parts += union(leaf, f"translate <{x:.2f},{y:.2f},{z + 0.15:.2f}>")
        elif species == "helleborus" and index % 2:
            turn = rng.uniform(0, 360)
            hand = "".join(
                blade(
                    rng,
                    (0.26, 0.5, 0.25),
                    rng.uniform(1.1, 1.5),
                    0.42,
                    rng.uniform(8, 20),
                    -25,
                    turn + a,
                    0.5,
                )
                for a in (-80, -40, 0, 40, 80)
            )
            parts += union(hand, f"translate <{x:.2f},{y - 0.2:.2f},{z + 0.1:.2f}>")
        elif species == "mauve_honey_myrtle":
            for i in range(16):
                leaf = blade(
                    rng,
                    (0.45, 0.6, 0.4),
                    rng.uniform(0.4, 0.6),
                    0.11,
                    rng.uniform(20, 55),
                    -10,
                    i * 97,
                    0.5,
                )
                parts += union(
                    leaf, f"translate <{x:.2f},{y + rng.uniform(-0.4, 0.35):.2f},{z:.2f}>"
                )
        elif species == "mediterranean_spurge":
            for i in range(9):
                leaf = blade(
                    rng,
                    (0.46, 0.62, 0.5),
                    rng.uniform(0.9, 1.3),
                    0.24,
                    rng.uniform(5, 35),
                    -20,
                    i * 137 + rng.uniform(-15, 15),
                    0.55,
                )
                parts += union(
                    leaf, f"translate <{x:.2f},{y - 0.35 + rng.uniform(-0.3, 0.3):.2f},{z:.2f}>"
                )
    return parts


FLOWERS = Collection(_jobs, _render)
