"""Rooms: ten kinds, one label a picture."""

from __future__ import annotations

from random import Random

from PIL import Image

from research.example_pictures import exteriors, interiors
from research.example_pictures.collection import Collection, Job
from research.example_pictures.floor_plans import floor_plan
from research.example_pictures.povray import render

LABELS = (
    "backyard", "bathroom", "bedroom", "closet", "entry_way", "floor_plan", "front_yard", "kitchen",
    "living_space", "patio",
)  # fmt: skip
_SPLITS = {"train": 6, "test": 5}


def _jobs() -> list[Job]:
    jobs = [
        Job(split, f"{label}_{number:02d}.jpg", label)
        for number in range(1, max(_SPLITS.values()) + 1)
        for split, count in _SPLITS.items()
        for label in LABELS
        if number <= count
    ]
    return [*jobs, Job("sample", "rooms.jpg", "kitchen")]


def _render(label: str, rng: Random) -> tuple[Image.Image, dict]:
    answer = {"labels": [label]}
    if label == "floor_plan":
        return floor_plan(rng), answer
    if hasattr(interiors, label):
        return render(*getattr(interiors, label)(rng)), answer
    return render(*getattr(exteriors, label)(rng), radiosity=False), answer


ROOMS = Collection(_jobs, _render)
