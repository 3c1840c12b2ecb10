"""Rooms seen from inside: bedroom, living space, kitchen, bathroom, closet, entry way."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from research.example_pictures import fixtures as fit
from research.example_pictures import furniture as own
from research.example_pictures import materials
from research.example_pictures.furniture import WHITE, WOODS
from research.example_pictures.materials import mapped
from research.example_pictures.povray import (
    Camera,
    area,
    box,
    cylinder,
    difference,
    gloss,
    glow,
    light,
    matte,
    placed,
    tint,
    union,
)

WALLS = (
    (0.9, 0.88, 0.84), (0.82, 0.85, 0.84), (0.88, 0.84, 0.76), (0.74, 0.8, 0.82), (0.85, 0.8, 0.78),
    (0.78, 0.82, 0.74), (0.93, 0.93, 0.92), (0.7, 0.74, 0.78), (0.86, 0.78, 0.68),
)  # fmt: skip


@dataclass(frozen=True)
class Shell:
    """A room of `width` around x=0 whose back wall is at z=`depth`; the front is open."""

    width: float
    depth: float
    height: float

    def back(self, parts: str, x: float, y: float = 0) -> str:
        return placed(parts, x, y, self.depth)

    def left(self, parts: str, z: float, y: float = 0) -> str:
        return placed(parts, -self.width / 2, y, z, -90)

    def right(self, parts: str, z: float, y: float = 0) -> str:
        return placed(parts, self.width / 2, y, z, 90)


def floor_of(rng: Random, kind: str) -> str:
    if kind == "wood":
        return mapped(
            materials.planks(rng, tint(rng, rng.choice(WOODS))),
            "floor",
            (2.4, 1.1),
            "specular 0.12 roughness 0.06 reflection 0.04",
        )
    if kind == "carpet":
        return mapped(
            materials.rough(
                rng, tint(rng, rng.choice(((0.75, 0.7, 0.63), (0.6, 0.6, 0.62)))), 0.25, 12
            ),
            "floor",
            (1.5, 1.5),
        )
    tone = rng.choice(((0.82, 0.8, 0.76), (0.55, 0.56, 0.57), (0.9, 0.9, 0.88), (0.7, 0.6, 0.5)))
    n = rng.choice((3, 4, 6))
    return mapped(
        materials.tiles(rng, tint(rng, tone), n, n),
        "floor",
        (1.8, 1.8),
        "specular 0.3 roughness 0.02 reflection 0.06",
    )


def room(
    rng: Random,
    shell: Shell,
    floor: str,
    walls: tuple[str, str],
    back_hole=None,
    side_hole=None,
    side: int = -1,
) -> str:
    """Return floor, ceiling and three walls; a hole is (x or z of its middle, sill, width, height)."""
    w, d, h = shell.width / 2, shell.depth, shell.height
    wall, side_wall = walls
    parts = box((-w - 0.3, -0.1, -4), (w + 0.3, 0, d + 0.3), floor)
    parts += box((-w - 0.3, h, -4), (w + 0.3, h + 0.1, d + 0.3), matte((0.95, 0.95, 0.94)))
    back = box((-w - 0.2, 0, d), (w + 0.2, h, d + 0.2), wall)
    if back_hole:
        x, y, ww, hh = back_hole
        back = difference(
            back + box((x - ww / 2, y, d - 0.1), (x + ww / 2, y + hh, d + 0.3), wall), ""
        )
        parts += placed(own.window(rng, ww, hh), x, y, d)
    for sign in (-1, 1):
        wall_box = box((sign * w, 0, -4), (sign * (w + 0.2), h, d + 0.2), side_wall)
        if side_hole and sign == side:
            z, y, ww, hh = side_hole
            wall_box = difference(
                wall_box
                + box(
                    (sign * (w - 0.1), y, z - ww / 2),
                    (sign * (w + 0.3), y + hh, z + ww / 2),
                    side_wall,
                ),
                "",
            )
            parts += placed(own.window(rng, ww, hh), sign * w, y, z, 90 * sign)
        parts += wall_box
    skirting = matte(WHITE)
    parts += (
        box((-w, 0, d - 0.02), (w, 0.09, d), skirting)
        + box((-w, 0, -4), (-w + 0.02, 0.09, d), skirting)
        + box((w - 0.02, 0, -4), (w, 0.09, d), skirting)
    )
    return parts + back


def daylight(rng: Random, shell: Shell, back_hole=None, side_hole=None, side: int = -1) -> str:
    """Return the sky, the sun through a window, a lamp and a soft fill from behind the camera."""
    sky = rng.choice(((0.75, 0.86, 1.0), (0.9, 0.93, 0.97), (0.98, 0.88, 0.75)))
    parts = f"sky_sphere {{ pigment {{ gradient y color_map {{ [0 rgb <0.55,0.6,0.5>][0.47 rgb <0.75,0.8,0.75>][0.5 rgb <{sky[0]},{sky[1]},{sky[2]}>][1 rgb <0.45,0.62,0.9>] }} scale 2 translate -1 }} }}\n"
    warm = (1.0, rng.uniform(0.86, 0.97), rng.uniform(0.7, 0.92))
    strength = rng.uniform(1.0, 2.4)
    if side_hole:
        place = (side * 9, rng.uniform(3.5, 6.5), side_hole[0] + rng.uniform(-4, 1))
    elif back_hole:
        place = (back_hole[0] + rng.uniform(-4, 4), rng.uniform(4, 7), shell.depth + 7)
    else:
        place = None
    if place:
        parts += light(place, [c * strength for c in warm], area((0.6, 0, 0), (0, 0, 0.6), 2))
    lamp = rng.uniform(0.25, 0.6)
    parts += light(
        (rng.uniform(-0.6, 0.6), shell.height - 0.35, shell.depth * rng.uniform(0.35, 0.6)),
        [c * lamp for c in (1, 0.93, 0.82)],
        area((0.8, 0, 0), (0, 0, 0.8), 2) + " fade_distance 2.5 fade_power 1",
    )
    fill = rng.uniform(0.12, 0.3)
    parts += light((rng.uniform(-1, 1), shell.height * 0.75, -2.5), [fill] * 3, "shadowless")
    return parts


def view(
    rng: Random, shell: Shell, aim=(0, 0.9), high=(1.25, 1.7), angle=(54, 70), near: float = 0.0
) -> Camera:
    """Return a camera that stands in the room's front half and looks at its back wall."""
    side = rng.uniform(-0.36, 0.36) * shell.width
    target = (
        aim[0] + rng.uniform(-0.3, 0.3) - 0.5 * side,
        aim[1] + rng.uniform(-0.12, 0.12),
        shell.depth,
    )
    return Camera(
        (side, rng.uniform(*high), rng.uniform(-0.9, -0.2) + near),
        target,
        rng.uniform(*angle),
        512,
        384,
    )


def _opening(rng: Random, shell: Shell, wide=(1.2, 1.9)):
    """Return (back hole or none, side hole or none, side)."""
    size = (rng.uniform(*wide), rng.uniform(1.15, 1.45))
    if rng.random() < 0.4:
        return (rng.uniform(-0.2, 0.2) * shell.width, 0.9, *size), None, -1
    return None, (shell.depth * rng.uniform(0.45, 0.6), 0.85, *size), rng.choice((-1, 1))


def _drapes(rng: Random, shell: Shell, back, side_hole, side) -> str:
    if rng.random() < 0.2:
        return ""
    colour = tint(rng, rng.choice((*own.CLOTHS, WHITE)), 0.05)
    rod = matte((0.25, 0.2, 0.18))
    hole = back or side_hole
    parts = cylinder(
        (-hole[2] / 2 - 0.35, 2.3, -0.08), (hole[2] / 2 + 0.35, 2.3, -0.08), 0.015, rod
    )
    for sign in (-1, 1):
        parts += placed(
            own.curtain(rng, 0.42, 2.26, colour), sign * (hole[2] / 2 + 0.14), 0.03, -0.09
        )
    return (
        shell.back(parts, back[0])
        if back
        else placed(parts, side * shell.width / 2, 0, side_hole[0], 90 * side)
    )


def _wall(rng: Random) -> tuple[str, str]:
    return (materials.coloured(rng, "rough", tint(rng, rng.choice(WALLS), 0.03), (2, 2), 0.12),) * 2


def bedroom(rng: Random) -> tuple[str, Camera]:
    shell = Shell(rng.uniform(3.4, 4.4), rng.uniform(3.4, 4.2), 2.6)
    back, side_hole, side = _opening(rng, shell)
    back = None if back else back
    if side_hole is None:
        side_hole, side = (shell.depth * 0.5, 0.85, 1.5, 1.35), rng.choice((-1, 1))
    scene = room(
        rng,
        shell,
        floor_of(rng, rng.choice(("wood", "wood", "carpet"))),
        _wall(rng),
        None,
        side_hole,
        side,
    )
    scene += daylight(rng, shell, None, side_hole, side) + _drapes(
        rng, shell, None, side_hole, side
    )
    x = rng.uniform(-0.35, 0.35)
    scene += shell.back(own.bed(rng), x)
    stand = own.wood(rng)
    for sign in (-1, 1):
        if rng.random() < 0.85:
            scene += shell.back(own.nightstand(rng, stand), x + sign * 1.25)
    for i in range(rng.choice((1, 2))):
        scene += shell.back(
            own.picture(rng, rng.uniform(0.5, 0.9)),
            x + (i - 0.5) * 0.95 if i else x,
            rng.uniform(1.65, 1.8),
        )
    scene += box(
        (x - 1.3, 0, shell.depth - 2.7),
        (x + 1.3, 0.012, shell.depth - 1.0),
        _rug(rng, x - 1.3, shell.depth - 2.7, 2.6, 1.7),
    )
    if rng.random() < 0.5:
        scene += placed(
            own.drawers(rng, 1.0, 0.85, 0.45, 4, own.wood(rng)),
            -side * shell.width / 2,
            0,
            shell.depth * 0.45,
            -90 * side,
        )
    if rng.random() < 0.5:
        scene += shell.back(own.leaf_plant(rng, 1.2), -side * (shell.width / 2 - 0.35))
    return scene, view(rng, shell, (x, 0.75))


def _rug(rng: Random, x: float, z: float, width: float, depth: float) -> str:
    colours = [tint(rng, c) for c in rng.sample(own.CLOTHS, 3)]
    return mapped(materials.rug(rng, colours), "floor", (width, depth), shift=(x, 0, z))


def living_space(rng: Random) -> tuple[str, Camera]:
    shell = Shell(rng.uniform(4.4, 5.6), rng.uniform(4.0, 5.0), 2.6)
    back, side_hole, side = _opening(rng, shell, (1.6, 2.4))
    scene = room(
        rng,
        shell,
        floor_of(rng, rng.choice(("wood", "wood", "wood", "carpet"))),
        _wall(rng),
        back,
        side_hole,
        side,
    )
    scene += daylight(rng, shell, back, side_hole, side) + _drapes(
        rng, shell, back, side_hole, side
    )
    d = shell.depth
    x = rng.uniform(-0.4, 0.4)
    colour = rng.choice(own.CLOTHS)
    scene += placed(own.sofa(rng, rng.uniform(1.9, 2.3), colour), x, 0, d - (0.75 if back else 0.1))
    scene += box(
        (x - 1.4, 0, d - 3.0), (x + 1.4, 0.012, d - 1.1), _rug(rng, x - 1.4, d - 3.0, 2.8, 1.9)
    )
    scene += placed(own.coffee_table(rng), x + rng.uniform(-0.15, 0.15), 0, d - 1.8)
    far = -side
    scene += placed(
        own.sofa(rng, 0.95, rng.choice((colour, rng.choice(own.CLOTHS)))),
        far * (shell.width / 2 - 0.9),
        0,
        d - 2.0 + rng.uniform(-0.3, 0.3),
        far * rng.uniform(60, 100),
    )
    scene += placed(own.lamp(rng, True, 1.6), x + side * 1.5, 0, d - 0.35)
    if back is None:
        scene += shell.back(own.picture(rng, 0.9, 0.65), x, 1.6)
        if rng.random() < 0.5:
            scene += shell.back(own.picture(rng, 0.4, 0.5), x + 0.9, 1.55)
    wall = rng.random()
    if wall < 0.5:
        scene += shell.back(
            own.bookshelf(rng, 0.9, rng.uniform(1.6, 2.1)), far * (shell.width / 2 - 0.55)
        )
    else:
        scene += placed(own.television(rng), far * shell.width / 2, 0, d * 0.45, 90 * far)
    scene += placed(
        own.leaf_plant(rng, rng.uniform(1.0, 1.5)), side * (shell.width / 2 - 0.4), 0, d - 0.45
    )
    return scene, view(rng, shell, (x, 0.7), near=0.2)


def kitchen(rng: Random) -> tuple[str, Camera]:
    shell = Shell(rng.uniform(3.4, 4.4), rng.uniform(3.2, 4.0), 2.55)
    window_x = rng.uniform(-0.2, 0.2) * shell.width
    hole = (window_x, 1.15, 1.1, 1.0)
    splash = mapped(
        materials.tiles(
            rng,
            tint(
                rng,
                rng.choice(
                    ((0.92, 0.92, 0.9), (0.7, 0.8, 0.78), (0.55, 0.65, 0.72), (0.85, 0.75, 0.6))
                ),
            ),
            8,
            16,
            4,
            offset=0.5,
        ),
        "back",
        (1.4, 1.4),
        "specular 0.4 roughness 0.01 reflection 0.04",
    )
    side_hole, side = (shell.depth * 0.4, 0.9, 1.3, 1.3), rng.choice((-1, 1))
    scene = room(
        rng,
        shell,
        floor_of(rng, rng.choice(("tile", "tile", "wood"))),
        _wall(rng),
        hole,
        side_hole,
        side,
    )
    scene += daylight(rng, shell, hole, side_hole, side)
    d, w = shell.depth, shell.width / 2
    front = rng.choice(
        (
            gloss(tint(rng, WHITE, 0.03), 0.03),
            matte(tint(rng, (0.35, 0.45, 0.5))),
            matte(tint(rng, (0.5, 0.58, 0.48))),
            own.wood(rng),
            matte(tint(rng, (0.3, 0.3, 0.32))),
        )
    )
    top = rng.choice(
        (
            own.wood(rng),
            gloss(tint(rng, (0.25, 0.25, 0.26)), 0.08),
            gloss(tint(rng, (0.88, 0.87, 0.85)), 0.06),
        )
    )
    handles = fit.CHROME if rng.random() < 0.6 else matte((0.1, 0.1, 0.1))
    fridge_side = -side
    a, b = (-w, w - 0.72) if fridge_side > 0 else (-w + 0.72, w)
    scene += box((a, 0.1, d - 0.58), (b, 0.87, d), front) + box(
        (a, 0, d - 0.5), (b, 0.1, d), matte((0.12, 0.12, 0.12))
    )
    scene += fit.fronts(
        rng, a, b, 0.1, 0.87, d - 0.58, front, handles, rng.choice(((1,), (2, 1), (1, 1, 1)))
    )
    scene += box((a, 0.87, d - 0.63), (b, 0.91, d), top)
    scene += (
        box((a, 0.91, d - 0.012), (hole[0] - 0.62, 1.5, d), splash)
        + box((hole[0] + 0.62, 0.91, d - 0.012), (b, 1.5, d), splash)
        + box((hole[0] - 0.62, 0.91, d - 0.012), (hole[0] + 0.62, 1.1, d), splash)
    )
    scene += placed(fit.fridge(rng), fridge_side * (w - 0.37), 0, d)
    # The sink is under the window, the hob beside it.
    scene += (
        box((hole[0] - 0.3, 0.905, d - 0.5), (hole[0] + 0.3, 0.914, d - 0.12), fit.CHROME)
        + box(
            (hole[0] - 0.26, 0.912, d - 0.46),
            (hole[0] + 0.26, 0.916, d - 0.16),
            matte((0.3, 0.3, 0.31)),
        )
        + placed(fit.tap(), hole[0], 0.91, d - 0.08)
    )
    hob_x = hole[0] - fridge_side * 1.05
    hob_x = max(a + 0.35, min(b - 0.35, hob_x))
    scene += (
        placed(fit.hob(rng), hob_x, 0.91, d)
        + placed(fit.oven(rng), hob_x, 0, d)
        + placed(fit.hood(rng, 1.0), hob_x, 1.62, d)
    )
    scene += placed(fit.pot(rng), hob_x - 0.15, 0.925, d - 0.4)
    if rng.random() < 0.6:
        scene += placed(fit.pot(rng), hob_x + 0.16, 0.925, d - 0.18)
    for x0, x1 in (
        (a, hob_x - 0.38),
        (hob_x + 0.38, hole[0] - 0.62),
        (hole[0] + 0.62, b),
        (a, hole[0] - 0.62),
    ):
        if x1 - x0 > 0.3 and not (x0 < hob_x < x1):
            scene += box((x0, 1.5, d - 0.33), (x1, 2.25, d), front) + fit.fronts(
                rng, x0, x1, 1.5, 2.25, d - 0.33, front, handles
            )
            break
    scene += placed(fit.fruit_bowl(rng), hole[0] + fridge_side * 0.6, 0.91, d - 0.3)
    for i in range(3):
        x = a + 0.15 + i * 0.13
        scene += cylinder(
            (x, 0.91, d - 0.15),
            (x, 1.05 + 0.04 * i, d - 0.15),
            0.05,
            gloss(rng.choice(own.CLOTHS), 0.04),
        )
    if rng.random() < 0.6:  # an island with stools
        x, z = rng.uniform(-0.2, 0.2), d - 1.9
        scene += box((x - 0.75, 0, z - 0.3), (x + 0.75, 0.88, z + 0.3), front) + box(
            (x - 0.85, 0.88, z - 0.42), (x + 0.85, 0.92, z + 0.34), top
        )
        for i in (-0.45, 0.45):
            scene += placed(fit.stool(rng, own.wood(rng)), x + i, 0, z - 0.6)
        scene += placed(own.pendant(rng, 0.85, shell.height), x - 0.4, 0, z) + placed(
            own.pendant(rng, 0.85, shell.height), x + 0.4, 0, z
        )
        scene += placed(
            fit.fruit_bowl(rng) if rng.random() < 0.5 else own.vase(rng),
            x + rng.uniform(-0.5, 0.5),
            0.92,
            z,
        )
        high = (1.6, 1.9)
    else:
        texture = own.wood(rng)
        x, z = -fridge_side * (w - 0.8), d - 2.1
        scene += (
            placed(own.dining_table(rng, 1.0, 0.8, texture), x, 0, z)
            + placed(own.chair(rng, texture), x, 0, z + 0.6, 0)
            + placed(own.chair(rng, texture), x + fridge_side * 0.6, 0, z - 0.2, 90)
        )
        scene += placed(fit.fruit_bowl(rng), x, 0.75, z)
        high = (1.35, 1.7)
    return scene, view(rng, shell, (0, 1.0), high)


def bathroom(rng: Random) -> tuple[str, Camera]:
    shell = Shell(rng.uniform(2.7, 3.3), rng.uniform(2.5, 3.2), 2.5)
    tone = tint(
        rng,
        rng.choice(
            (
                (0.92, 0.93, 0.93),
                (0.65, 0.78, 0.8),
                (0.8, 0.82, 0.78),
                (0.72, 0.7, 0.66),
                (0.55, 0.68, 0.72),
            )
        ),
    )
    rows = rng.choice((6, 8, 12))
    tiled = materials.tiles(rng, tone, rng.choice((4, 6)), rows, 5, offset=rng.choice((0, 0.5)))
    walls = tuple(
        mapped(tiled, facing, (1.5, 1.5), "specular 0.4 roughness 0.01")
        for facing in ("back", "side")
    )
    hole = (shell.depth * rng.uniform(0.4, 0.6), 1.3, 0.8, 0.8)
    side = rng.choice((-1, 1))
    scene = room(rng, shell, floor_of(rng, "tile"), walls, None, hole, side) + daylight(
        rng, shell, None, hole, side
    )
    d, w = shell.depth, shell.width / 2
    plan = rng.choice(("tub", "tub", "shower"))
    if plan == "tub":
        scene += placed(fit.bathtub(rng), side * (w - 0.02), 0, d - 0.95, 90 * side)
        scene += placed(fit.washbasin(rng, rng.uniform(0.7, 0.95)), -side * (w - 0.75), 0, d)
        scene += placed(fit.toilet(rng), -side * w, 0, d - 1.35, -90 * side)
        scene += placed(fit.towel_rail(rng), side * 0.15, 0.15, d)
    else:
        scene += placed(fit.shower(rng), side * (w - 0.46), 0, d)
        scene += placed(fit.washbasin(rng, 0.75), -side * (w - 0.95), 0, d)
        scene += placed(fit.toilet(rng), -side * w, 0, d - 1.05, -90 * side)
        scene += placed(fit.towel_rail(rng), side * w, 0, d - 1.5, 90 * side)
    mat = own.cloth(rng)
    x, z = side * 0.1, d - 1.15
    scene += box((x - 0.4, 0, z - 0.25), (x + 0.4, 0.02, z + 0.25), mat)
    if rng.random() < 0.5:
        scene += (
            placed(own.leaf_plant(rng, 0.6), -side * (w - 0.25), 0, d - 0.3)
            if plan == "shower"
            else placed(own.leaf_plant(rng, 0.7), side * 0.3, 0, d - 0.25)
        )
    return scene, view(rng, shell, (0, 0.85), (1.35, 1.75), (62, 74))


def closet(rng: Random) -> tuple[str, Camera]:
    shell = Shell(rng.uniform(2.3, 3.0), rng.uniform(2.0, 2.8), 2.5)
    scene = room(rng, shell, floor_of(rng, rng.choice(("wood", "carpet"))), _wall(rng)) + daylight(
        rng, shell
    )
    scene += light((0, 2.3, 0.3), (0.5, 0.47, 0.42), "shadowless fade_distance 2 fade_power 1")
    d, w = shell.depth, shell.width / 2
    board = rng.choice((matte(WHITE), own.wood(rng)))
    bay, x = rng.uniform(0.8, 1.0), -w
    while x < w - 0.4:
        end = min(x + bay, w)
        scene += _bay(rng, x, end, d, board)
        x = end
    for side in (-1, 1):
        if rng.random() < 0.85:
            length = d - 0.7
            rail = fit.rail_of_clothes(rng, length)
            scene += union(
                rail, f"rotate y*90 translate <{side * (w - 0.28)},1.72,{d - 0.65 - length / 2}>"
            )
            scene += box((side * w, 1.82, 0), (side * (w - 0.45), 1.85, d - 0.6), board)
            for z in (0.3, 0.8, 1.3):
                if z < d - 0.8:
                    scene += placed(fit.carton(rng, 0.38), side * (w - 0.22), 1.85, z, 90) + placed(
                        fit.shoes(rng), side * (w - 0.25), 0, z, rng.uniform(60, 100) * side
                    )
    return scene, view(rng, shell, (0, 1.15), (1.35, 1.7), (60, 74))


def _bay(rng: Random, x0: float, x1: float, d: float, board: str) -> str:
    """Return one bay of the wardrobe at the back: a rail, or shelves with folded clothes and boxes."""
    parts = box((x0, 0, d - 0.55), (x0 + 0.025, 2.3, d), board) + box(
        (x1 - 0.025, 0, d - 0.55), (x1, 2.3, d), board
    )
    parts += box((x0, 2.0, d - 0.55), (x1, 2.03, d), board)
    middle, width = (x0 + x1) / 2, x1 - x0 - 0.06
    for x in (middle - width / 4, middle + width / 4):
        parts += placed(fit.carton(rng, min(0.36, width / 2 - 0.03)), x, 2.03, d - 0.3)
    kind = rng.random()
    if kind < 0.45:
        parts += placed(fit.rail_of_clothes(rng, width), middle, 1.88, d - 0.28)
        for x in (middle - width / 4, middle + width / 4):
            parts += placed(fit.shoes(rng), x, 0.02, d - 0.35)
    elif kind < 0.7:
        parts += placed(fit.rail_of_clothes(rng, width, 0.6), middle, 1.9, d - 0.28)
        parts += placed(own.drawers(rng, width, 0.95, 0.5, 4, board), middle, 0, d)
    else:
        for y in (0.25, 0.6, 0.95, 1.3, 1.65):
            parts += box((x0, y, d - 0.5), (x1, y + 0.025, d), board)
            for x in (middle - width / 4, middle + width / 4):
                thing = rng.random()
                if y < 0.6:
                    parts += placed(fit.shoes(rng), x, y + 0.025, d - 0.3)
                elif thing < 0.7:
                    parts += placed(fit.folded(rng, rng.randint(2, 5)), x, y + 0.025, d - 0.27)
                else:
                    parts += placed(fit.carton(rng, 0.32), x, y + 0.025, d - 0.27)
    return parts


def entry_way(rng: Random) -> tuple[str, Camera]:
    shell = Shell(rng.uniform(2.5, 3.4), rng.uniform(3.4, 4.4), 2.6)
    scene = room(
        rng, shell, floor_of(rng, rng.choice(("wood", "tile", "tile"))), _wall(rng)
    ) + daylight(rng, shell)
    d, w = shell.depth, shell.width / 2
    side = rng.choice((-1, 1))
    x = rng.uniform(-0.25, 0.25)
    colour = rng.choice(
        ((0.5, 0.16, 0.14), (0.18, 0.3, 0.42), (0.2, 0.36, 0.28), (0.9, 0.9, 0.88), None, None)
    )
    scene += shell.back(
        own.door(
            rng,
            own.wood(rng) if colour is None else matte(colour, "specular 0.3 roughness 0.02"),
            rng.random() < 0.7,
            0.98,
            2.1,
        ),
        x,
    )
    for sign in (-1, 1):  # side lights
        if rng.random() < 0.5:
            scene += box(
                (x + sign * 0.72 - 0.12, 0.1, d - 0.02),
                (x + sign * 0.72 + 0.12, 2.1, d),
                glow((0.88, 0.94, 1.0), 0.9),
            ) + box(
                (x + sign * 0.72 - 0.15, 0.0, d - 0.015),
                (x + sign * 0.72 + 0.15, 2.16, d),
                matte(WHITE),
            )
            for y in (0.75, 1.4):
                scene += box(
                    (x + sign * 0.72 - 0.12, y, d - 0.03),
                    (x + sign * 0.72 + 0.12, y + 0.03, d),
                    matte(WHITE),
                )
    mat = mapped(
        materials.rough(rng, rng.choice(((0.42, 0.33, 0.22), (0.3, 0.3, 0.3))), 0.4, 6),
        "floor",
        (0.6, 0.6),
    )
    scene += box((x - 0.45, 0, d - 0.75), (x + 0.45, 0.02, d - 0.2), mat)
    scene += placed(fit.coats(rng, rng.uniform(1.0, 1.4)), side * w, 0, d - 1.3, 90 * side)
    texture = own.wood(rng)
    bench = box((-0.55, 0.42, -0.36), (0.55, 0.46, 0), texture) + box(
        (-0.55, 0.15, -0.34), (0.55, 0.17, 0), texture
    )
    for i in (-0.53, 0.5):
        bench += box((i, 0, -0.36), (i + 0.03, 0.44, 0), texture)
    for i in (-0.35, -0.05, 0.3):
        bench += placed(fit.shoes(rng), i, 0.17, -0.2)
    scene += placed(bench, side * w, 0, d - 1.3, 90 * side)
    scene += placed(fit.umbrella_stand(rng), side * (w - 0.2), 0, d - 0.3)
    if rng.random() < 0.5:
        steps = fit.stairs(rng)
        scene += (
            placed(steps, -side * (w - 0.95) if side < 0 else -w, 0, d - 3.0)
            if side > 0
            else placed(union(steps, "scale <-1,1,1>"), w, 0, d - 3.0)
        )
        shift = 0.2 * side
    else:
        scene += placed(
            own.drawers(rng, 0.95, 0.8, 0.35, 1, texture, 2), -side * w, 0, d - 1.6, -90 * side
        )
        scene += placed(own.lamp(rng), -side * (w - 0.18), 0.8, d - 1.25) + placed(
            own.vase(rng), -side * (w - 0.18), 0.8, d - 1.85
        )
        mirror = (
            "texture { pigment { rgb 0.02 } finish { ambient 0 diffuse 0.05 reflection 0.85 } }"
        )
        scene += placed(
            box((-0.3, 1.1, -0.02), (0.3, 1.9, 0), mirror)
            + box((-0.34, 1.06, -0.015), (0.34, 1.94, 0), texture),
            -side * w,
            0,
            d - 1.6,
            -90 * side,
        )
        shift = 0
    if rng.random() < 0.6:
        scene += box(
            (x - 0.45, 0, 0.2), (x + 0.45, 0.012, d - 0.9), _rug(rng, x - 0.45, 0.2, 0.9, d - 1.1)
        )
    scene += light(
        (0, 2.2, d - 1.2), (0.35, 0.33, 0.3), "shadowless fade_distance 2 fade_power 1"
    ) + placed(own.pendant(rng, 0.35, shell.height), 0, 0, d - 1.4)
    return scene, view(rng, shell, (x + shift, 1.1), (1.4, 1.7), (54, 66))
