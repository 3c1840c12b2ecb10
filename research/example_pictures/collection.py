"""A set's pictures as JPEG files and their labels as one JSON file."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image


@dataclass(frozen=True)
class Job:
    """One picture to be rendered: `scene` names what `Collection.render` draws."""

    split: str  # train, test or sample
    name: str
    scene: str


@dataclass(frozen=True)
class Collection:
    """A set: its jobs, and how one becomes a picture with its labels or boxes."""

    jobs: Callable[[], list[Job]]
    render: Callable[[str, Random], tuple[Image.Image, dict[str, Any]]]
    quality: int = 70


def render_collection(
    collection: Collection, jobs: list[Job], folder: Path, seed: str, processes: int = 2
) -> None:
    """Render what `folder` lacks and write labels.json.

    The same seed renders the same pictures; another seed has no picture in common.
    """
    with ProcessPoolExecutor(processes) as pool:
        todo = [(collection, job, folder, seed) for job in jobs]
        answers = list(pool.map(_render_one, todo))
    labels: dict[str, dict[str, Any]] = {}
    for job, answer in zip(jobs, answers, strict=True):
        if job.split != "sample":
            labels.setdefault(job.split, {})[job.name] = answer
    (folder / "labels.json").write_text(_listed(labels))


def _listed(labels: dict[str, dict[str, Any]]) -> str:
    """Return JSON with one picture a line."""
    splits = []
    for split, pictures in labels.items():
        lines = [f"{json.dumps(name)}: {json.dumps(one)}" for name, one in sorted(pictures.items())]
        splits.append(f'"{split}": {{\n' + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(splits) + "\n}\n"


def _render_one(todo: tuple[Collection, Job, Path, str]) -> dict[str, Any]:
    collection, job, folder, seed = todo
    path = folder / job.split / job.name
    beside = path.with_suffix(".json")
    if path.exists() and beside.exists():
        return {"size": list(Image.open(path).size), **json.loads(beside.read_text())}
    rng = Random(f"{seed} {job.split} {job.name}")
    picture, answer = collection.render(job.scene, rng)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, "JPEG", quality=collection.quality, optimize=True, progressive=True)
    answer = {"size": list(picture.size), **answer}
    beside.write_text(json.dumps(answer))
    print(job.split, job.name, path.stat().st_size, flush=True)
    return answer
