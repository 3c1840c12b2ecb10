"""Circuit boards with four kinds of parts: a box around each."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from PIL import ImageFont

from bench.drawn.canvas import Canvas, Colour, shade, varied
from bench.drawn.drawn_image import DrawnBox, DrawnImage, ExampleSet

_WIDTH, _HEIGHT = 560, 420
_MASKS: tuple[Colour, ...] = (
    (20, 92, 58),
    (18, 66, 112),
    (112, 26, 32),
    (34, 38, 42),
    (16, 100, 88),
)
_GOLD: Colour = (206, 170, 92)
_SILVER: Colour = (196, 200, 204)
_INK: Colour = (226, 230, 226)
_BANDS: tuple[Colour, ...] = (
    (120, 60, 20),
    (30, 30, 30),
    (200, 40, 40),
    (240, 150, 30),
    (40, 90, 180),
)
_LAMPS: tuple[Colour, ...] = ((232, 48, 44), (62, 210, 84), (250, 204, 52), (70, 140, 250))

# A part is drawn in the box (left, top, width, height) and fills it.
Part = Callable[[Canvas, Random, float, float, float, float], None]


def _board(rng: Random) -> Canvas:
    mask = varied(rng, rng.choice(_MASKS))
    canvas = Canvas.gradient(_WIDTH, _HEIGHT, shade(mask, 1.08), shade(mask, 0.88))
    trace = shade(mask, 1.22)
    for _ in range(26):
        _trace(canvas, rng, trace)
    for _ in range(30):
        x, y = rng.uniform(0, _WIDTH), rng.uniform(0, _HEIGHT)
        canvas.disc(x, y, 3.4, _GOLD)
        canvas.disc(x, y, 1.5, shade(mask, 0.4))
    for x in (18, _WIDTH - 18):
        for y in (18, _HEIGHT - 18):
            canvas.disc(x, y, 11, _GOLD)
            canvas.disc(x, y, 6, (24, 24, 24))
    return canvas


def _trace(canvas: Canvas, rng: Random, colour: Colour) -> None:
    x, y = rng.uniform(0, _WIDTH), rng.uniform(0, _HEIGHT)
    run, bend = rng.uniform(60, 220) * rng.choice((-1, 1)), rng.uniform(-60, 60)
    points = [(x, y), (x + run, y), (x + run + abs(bend), y + bend), (x + 2 * run, y + bend)]
    for lane in range(rng.randint(1, 4)):
        shifted = [(px, py + 6 * lane) for px, py in points]
        canvas.line(shifted, colour, 2.2)


def _resistor(
    canvas: Canvas, rng: Random, left: float, top: float, width: float, height: float
) -> None:
    flat = width > height
    long, thick = (width, height) if flat else (height, width)

    def bar(start: float, end: float, low: float, high: float, colour: Colour, r: float) -> None:
        a, b, c, d = start * long, low * thick, end * long, high * thick
        corners = (a, b, c, d) if flat else (b, a, d, c)
        x0, y0, x1, y1 = corners
        canvas.rectangle(left + x0, top + y0, left + x1, top + y1, colour, r)

    body = varied(rng, rng.choice(((214, 178, 128), (126, 176, 206))))
    bar(0, 1, 0.42, 0.58, _SILVER, 1)
    bar(0.16, 0.84, 0, 1, shade(body, 0.75), thick * 0.4)
    bar(0.17, 0.83, 0.06, 0.8, body, thick * 0.36)
    for index in range(4):
        start = 0.27 + index * 0.13
        bar(start, start + 0.055, 0.02, 0.97, rng.choice(_BANDS), 0)


def _capacitor(
    canvas: Canvas, rng: Random, left: float, top: float, width: float, height: float
) -> None:
    sleeve = varied(rng, rng.choice(((34, 36, 60), (30, 30, 32), (40, 74, 92))))
    canvas.ellipse(left, top, left + width, top + height, shade(sleeve, 0.7))
    rim = width * 0.06
    canvas.ellipse(left + rim, top + rim, left + width - rim, top + height - rim, sleeve)
    lid = width * 0.14
    canvas.ellipse(left + lid, top + lid, left + width - lid, top + height - lid, (178, 182, 186))
    canvas.ellipse(
        left + lid * 1.3,
        top + lid * 1.3,
        left + width - lid * 1.6,
        top + height - lid * 1.6,
        (208, 212, 214),
    )
    x, y, reach = left + width / 2, top + height / 2, width * 0.26
    canvas.line([(x - reach, y), (x + reach, y)], (140, 144, 148), 1.6)
    canvas.line([(x, y - reach), (x, y + reach)], (140, 144, 148), 1.6)
    canvas.rectangle(left + 1, y - height * 0.16, left + lid, y + height * 0.16, _INK, 2)


def _chip(
    canvas: Canvas, rng: Random, left: float, top: float, width: float, height: float
) -> None:
    flat = width > height
    pins = max(4, round(max(width, height) / 13))
    edge = min(width, height) * 0.14
    for index in range(pins):
        along = (index + 0.5) / pins
        if flat:
            x = left + along * width
            canvas.rectangle(x - 2.4, top, x + 2.4, top + height, _SILVER)
        else:
            y = top + along * height
            canvas.rectangle(left, y - 2.4, left + width, y + 2.4, _SILVER)
    x0, y0 = (left, top + edge) if flat else (left + edge, top)
    x1, y1 = (left + width, top + height - edge) if flat else (left + width - edge, top + height)
    canvas.rectangle(x0, y0, x1, y1, (26, 27, 30), 3)
    canvas.rectangle(x0 + 2, y0 + 2, x1 - 2, y1 - 2, (46, 48, 52), 3)
    canvas.disc(x0 + 9, y0 + 9, 3.4, (86, 90, 94))
    _print(canvas, (x0 + x1) / 2, (y0 + y1) / 2, f"LM{rng.randint(100, 999)}", (168, 172, 176))


def _led(canvas: Canvas, rng: Random, left: float, top: float, width: float, height: float) -> None:
    glow = varied(rng, rng.choice(_LAMPS))
    canvas.ellipse(left, top, left + width, top + height, shade(glow, 0.62))
    for inset, tone in ((0.1, 0.86), (0.2, 1.0), (0.32, 1.25)):
        dx, dy = width * inset, height * inset
        canvas.ellipse(left + dx, top + dy, left + width - dx, top + height - dy, shade(glow, tone))
    canvas.disc(left + width * 0.38, top + height * 0.36, width * 0.1, (255, 255, 250))
    canvas.rectangle(
        left + width * 0.86, top + height * 0.3, left + width, top + height * 0.7, glow
    )


def _print(canvas: Canvas, x: float, y: float, text: str, colour: Colour) -> None:
    font = ImageFont.load_default(22)
    canvas.pen.text((x * 2, y * 2), text, fill=colour, font=font, anchor="mm")


def _size_of(rng: Random, label: str) -> tuple[float, float]:
    if label == "resistor":
        long = rng.uniform(66, 96)
        size = (long, long * 0.27)
    elif label == "chip":
        long = rng.uniform(70, 124)
        size = (long, rng.uniform(46, 62))
    else:
        side = rng.uniform(40, 66) if label == "capacitor" else rng.uniform(26, 38)
        return side, side
    return size if rng.random() < 0.5 else (size[1], size[0])


_PARTS: dict[str, Part] = {
    "capacitor": _capacitor,
    "chip": _chip,
    "led": _led,
    "resistor": _resistor,
}
_PREFIXES = {"capacitor": "C", "chip": "U", "led": "D", "resistor": "R"}


def _free_place(
    rng: Random, taken: list[DrawnBox], width: float, height: float
) -> tuple[int, int] | None:
    gap = 16
    for _ in range(60):
        left = rng.randint(34, round(_WIDTH - width - 34))
        top = rng.randint(34, round(_HEIGHT - height - 34))
        if all(
            left + width + gap < box.left
            or box.left + box.width + gap < left
            or top + height + gap < box.top
            or box.top + box.height + gap < top
            for box in taken
        ):
            return left, top
    return None


def _draw(rng: Random, index: int) -> DrawnImage:
    canvas = _board(rng)
    boxes: list[DrawnBox] = []
    for number in range(rng.randint(5, 11)):
        label = list(_PARTS)[(index + number) % len(_PARTS)]
        width, height = _size_of(rng, label)
        place = _free_place(rng, boxes, width, height)
        if place is None:
            continue
        _PARTS[label](canvas, rng, place[0], place[1], width, height)
        mark = f"{_PREFIXES[label]}{number + 1}"
        _print(canvas, place[0] + width / 2, place[1] - 9, mark, _INK)
        boxes.append(DrawnBox(label, *place, round(width), round(height)))
    image = canvas.finish(rng, noise=3.0)
    return DrawnImage(f"board-{index:03d}.jpg", image, boxes=tuple(boxes))


CIRCUIT_BOARDS = ExampleSet("circuit-boards", tuple(_PARTS), _draw)
