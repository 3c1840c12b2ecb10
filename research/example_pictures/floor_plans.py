"""Floor plans as an estate agent's sheet, a blueprint or a coloured plan shows them."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageFont

_SCALE = 2
_STYLES = (
    {"paper": (250, 249, 245), "ink": (35, 35, 38), "fill": None, "thin": (120, 120, 125)},
    {"paper": (34, 76, 140), "ink": (235, 240, 250), "fill": None, "thin": (170, 195, 230)},
    {"paper": (255, 255, 255), "ink": (60, 55, 52), "fill": ((240, 228, 205), (220, 232, 238), (228, 238, 220), (242, 222, 214)), "thin": (130, 118, 105)},
    {"paper": (236, 228, 212), "ink": (70, 50, 35), "fill": None, "thin": (140, 115, 90)},
)  # fmt: skip
_NAMES = (
    "LIVING",
    "KITCHEN",
    "BEDROOM 1",
    "BATH",
    "BEDROOM 2",
    "DINING",
    "HALL",
    "STUDY",
    "CLOSET",
    "LAUNDRY",
)


def floor_plan(rng: Random) -> Image.Image:
    """Draw one plan of five to nine rooms with walls, doors, windows, furniture and measures."""
    width, height = 512 * _SCALE, 384 * _SCALE
    style = rng.choice(_STYLES)
    sheet = Image.new("RGB", (width, height), style["paper"])
    pen = ImageDraw.Draw(sheet)
    left, top = rng.randint(60, 150), rng.randint(60, 110)
    right, bottom = width - rng.randint(60, 170), height - rng.randint(70, 120)
    rooms = _split(rng, [(left, top, right, bottom)], rng.randint(5, 9))
    wall = rng.randint(8, 14)
    rooms.sort(key=lambda r: -(r[2] - r[0]) * (r[3] - r[1]))
    for index, room in enumerate(rooms):
        if style["fill"]:
            pen.rectangle(room, fill=style["fill"][index % 4])
        _furnish(rng, pen, room, _NAMES[index], style["thin"])
    for room in rooms:
        pen.rectangle(
            (room[0] - wall // 2, room[1] - wall // 2, room[2] + wall // 2, room[3] + wall // 2),
            outline=style["ink"],
            width=wall,
        )
    outer = (left, top, right, bottom)
    for room in rooms:
        _openings(rng, pen, room, outer, wall, style)
    for index, room in enumerate(rooms):
        _caption(rng, pen, room, _NAMES[index], style)
    _measures(pen, outer, style, rng)
    if rng.random() < 0.7:
        pen.text(
            (width / 2, height - 26),
            rng.choice(("GROUND FLOOR", "FIRST FLOOR", "FLOOR PLAN", "APARTMENT 4B")),
            fill=style["ink"],
            font=_font(30),
            anchor="mm",
        )
    sheet = sheet.rotate(rng.uniform(-1.2, 1.2), Image.Resampling.BICUBIC, fillcolor=style["paper"])
    return sheet.resize((512, 384), Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(0.3))


def _font(size: int):
    return ImageFont.load_default(size)


def _split(rng: Random, rooms, count: int):
    while len(rooms) < count:
        rooms.sort(key=lambda r: (r[2] - r[0]) * (r[3] - r[1]))
        x0, y0, x1, y1 = rooms.pop()
        share = rng.uniform(0.38, 0.62)
        if x1 - x0 > y1 - y0:
            cut = int(x0 + (x1 - x0) * share)
            rooms += [(x0, y0, cut, y1), (cut, y0, x1, y1)]
        else:
            cut = int(y0 + (y1 - y0) * share)
            rooms += [(x0, y0, x1, cut), (x0, cut, x1, y1)]
    return rooms


def _furnish(rng: Random, pen, room, name: str, ink) -> None:
    x0, y0, x1, y1 = room
    w, h = x1 - x0, y1 - y0

    def rect(a, b, c, d, r=4):
        pen.rounded_rectangle((a, b, c, d), r, outline=ink, width=3)

    if name.startswith("BEDROOM"):
        bw, bh = min(120, w * 0.4), min(130, h * 0.5)
        x = x0 + w * 0.5 - bw / 2
        rect(x, y0 + 14, x + bw, y0 + 14 + bh)
        rect(x + 8, y0 + 20, x + bw / 2 - 4, y0 + 48)
        rect(x + bw / 2 + 4, y0 + 20, x + bw - 8, y0 + 48)
        pen.line((x, y0 + 60, x + bw, y0 + 60), fill=ink, width=3)
    elif name == "BATH":
        rect(x0 + 12, y0 + 12, x0 + min(w - 20, 110), y0 + 56, 18)
        pen.ellipse((x1 - 50, y1 - 62, x1 - 18, y1 - 20), outline=ink, width=3)
        rect(x1 - 54, y1 - 24, x1 - 14, y1 - 10)
    elif name == "KITCHEN":
        pen.line((x0 + 44, y0 + 44, x1, y0 + 44), fill=ink, width=3)
        pen.line((x0 + 44, y0 + 44, x0 + 44, y1), fill=ink, width=3)
        for dx in (70, 98):
            for dy in (14, 32):
                pen.ellipse(
                    (x0 + dx - 8, y0 + dy - 8, x0 + dx + 8, y0 + dy + 8), outline=ink, width=3
                )
        rect(x1 - 90, y0 + 10, x1 - 30, y0 + 38)
    elif name in ("LIVING", "STUDY"):
        rect(x0 + 20, y1 - 70, x0 + min(w - 30, 180), y1 - 16, 12)
        pen.line((x0 + 20, y1 - 32, x0 + min(w - 30, 180), y1 - 32), fill=ink, width=3)
        rect(x0 + 50, y1 - 130, x0 + 140, y1 - 90)
    elif name == "DINING":
        cx, cy = (x0 + x1) / 2, y1 - h * 0.28
        pen.ellipse((cx - 40, cy - 40, cx + 40, cy + 40), outline=ink, width=3)
        for dx, dy in ((-56, 0), (56, 0), (0, -56), (0, 56)):
            rect(cx + dx - 12, cy + dy - 12, cx + dx + 12, cy + dy + 12)
    elif name == "HALL" and h > 130:
        for i in range(7):
            pen.line((x0 + 12 + i * 16, y1 - 66, x0 + 12 + i * 16, y1 - 12), fill=ink, width=3)
    _ = rng


def _openings(rng: Random, pen, room, outer, wall: int, style) -> None:
    x0, y0, x1, y1 = room
    paper, half = style["paper"] if not style["fill"] else style["fill"][0], wall // 2 + 1
    door = min(56, (x1 - x0) * 0.4, (y1 - y0) * 0.4)
    for x, edge in ((x0, outer[0]), (x1, outer[2])):
        if x == edge and y1 - y0 > 90:  # a window
            a, b = y0 + (y1 - y0) * 0.3, y1 - (y1 - y0) * 0.3
            pen.rectangle(
                (x - half, a, x + half, b), fill=style["paper"], outline=style["ink"], width=2
            )
            pen.line((x, a, x, b), fill=style["ink"], width=2)
    for y, edge in ((y0, outer[1]), (y1, outer[3])):
        if y == edge and x1 - x0 > 90:
            a, b = x0 + (x1 - x0) * 0.3, x1 - (x1 - x0) * 0.3
            pen.rectangle(
                (a, y - half, b, y + half), fill=style["paper"], outline=style["ink"], width=2
            )
            pen.line((a, y, b, y), fill=style["ink"], width=2)
    if x1 != outer[2]:  # a door with its arc in the right wall
        y = y0 + (y1 - y0) * rng.uniform(0.2, 0.5)
        pen.rectangle((x1 - half, y, x1 + half, y + door), fill=paper)
        pen.line((x1, y, x1 - door, y), fill=style["ink"], width=4)
        pen.arc((x1 - door, y - door, x1 + door, y + door), 90, 180, fill=style["thin"], width=3)
    elif y1 != outer[3]:
        x = x0 + (x1 - x0) * rng.uniform(0.2, 0.5)
        pen.rectangle((x, y1 - half, x + door, y1 + half), fill=paper)
        pen.line((x, y1, x, y1 - door), fill=style["ink"], width=4)
        pen.arc((x - door, y1 - door, x + door, y1 + door), 270, 360, fill=style["thin"], width=3)


def _caption(rng: Random, pen, room, name: str, style) -> None:
    x0, y0, x1, y1 = room
    x, y = (x0 + x1) / 2, (y0 + y1) / 2 + 10
    size = 24 if x1 - x0 > 170 else 18
    area = (x1 - x0) * (y1 - y0) / 6400
    pen.text((x, y), name, fill=style["ink"], font=_font(size), anchor="mm")
    pen.text((x, y + size), f"{area:.1f} m2", fill=style["thin"], font=_font(size - 5), anchor="mm")
    _ = rng


def _measures(pen, outer, style, rng: Random) -> None:
    x0, y0, x1, y1 = outer
    y = y0 - 36
    pen.line((x0, y, x1, y), fill=style["thin"], width=2)
    pen.line((x0 - 36, y0, x0 - 36, y1), fill=style["thin"], width=2)
    for x in (x0, (x0 + x1) / 2, x1):
        pen.line((x - 7, y + 7, x + 7, y - 7), fill=style["thin"], width=2)
    pen.text(
        ((x0 + x1) / 2, y - 14),
        f"{(x1 - x0) / 80:.2f} m",
        fill=style["thin"],
        font=_font(20),
        anchor="mm",
    )
    _ = rng
