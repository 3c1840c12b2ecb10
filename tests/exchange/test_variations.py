"""Many sets of one kind, drawn by a seed: class folders, moved buckets, chained adjustments."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from tests.exchange.workshop import Json, imported, picture, request

from lensmith.exchange.formats import ImportFormat
from lensmith.manifest.convert.draft import ProblemKind

_SEEDS = range(24)
_LABELS = ("rose", "Lily White", "tulip_2", "日本", "trainer", "testing ground", "a.b")
_ENDINGS = (".jpg", ".JPG", ".jpeg", ".png", ".PNG")


def names(rng: random.Random, count: int) -> list[str]:
    """Paths below a folder, each with its own file name, of one to three parts."""
    found = []
    for number in range(count):
        folders = rng.choices(["lot1", "cam 2", "2024", "x+y", "ä"], k=rng.randint(0, 2))
        word = rng.choice(["img", "IMG_", "photo ", "p.q."])
        found.append("/".join([*folders, f"{word}{number}{rng.choice(_ENDINGS)}"]))
    return found


def source_refs(lines: list[Json]) -> list[str]:
    return [line["source-ref"] for line in lines]


@pytest.mark.parametrize("seed", _SEEDS)
def test_trees_of_classes(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    wrapper, split = rng.choice(["", "set/"]), rng.choice(["", "train/", "Training/", "train2017/"])
    expected = {}
    for label in rng.sample(_LABELS, rng.randint(2, 4)):
        for name in names(rng, rng.randint(1, 3)):
            picture(tmp_path / f"{wrapper if split else ''}{split}{label}/{name}")
            expected[f"{label}/{name}"] = label
    if split:
        picture(tmp_path / f"{wrapper}{rng.choice(['valid', 'test'])}/rose/held out.jpg")
    (tmp_path / ".cache").mkdir()
    picture(tmp_path / ".cache" / "thumb.jpg")
    lines, _ = imported(request(ImportFormat.FOLDERS, tmp_path))
    found = {}
    for line in lines:
        (label,) = [key for key in line if key != "source-ref" and not key.endswith("-metadata")]
        ref = line["source-ref"].removeprefix("s3://shop/tools/train/")
        found[ref.removeprefix(wrapper).removeprefix(split)] = label
    assert found == expected


@pytest.mark.parametrize("seed", _SEEDS)
@pytest.mark.parametrize("copy", ["whole", "below the prefix", "flat"])
def test_images_that_moved_from_a_bucket(tmp_path: Path, seed: int, copy: str) -> None:
    rng = random.Random(seed)
    prefix = rng.choice(["", "datasets/", "datasets/lot 9/", "a/b/c/"])
    keys = [prefix + name for name in names(rng, 4)]
    for key in keys:
        below = {"whole": key, "below the prefix": key.removeprefix(prefix)}
        picture(tmp_path / "copy" / below.get(copy, key.rpartition("/")[2]))
    manifest = tmp_path / "output.manifest"
    manifest.write_text("".join(json.dumps({"source-ref": f"s3://old/{k}"}) + "\n" for k in keys))
    lines, staged = imported(request(ImportFormat.GROUND_TRUTH, manifest, tmp_path / "copy"))
    assert staged.problems == []
    assert [ref.rpartition("/")[2] for ref in source_refs(lines)] == [
        upload.file.name for upload in staged.uploads
    ]
    assert sorted(upload.file.name for upload in staged.uploads) == sorted(
        key.rpartition("/")[2] for key in keys
    )
    moved, _ = imported(request(ImportFormat.GROUND_TRUTH, manifest, "s3://new/there"))
    assert all(ref.startswith("s3://new/there/") for ref in source_refs(moved))
    assert len(set(source_refs(moved))) == len(keys)


def adjusted(rng: random.Random, job: int, status: str | None) -> tuple[Json, Json]:
    box = {"class_id": 0, "left": 10 * job, "top": 10, "width": 40, "height": 40}
    size = [{"width": 320, "height": 240, "depth": 3}]
    metadata: dict[str, Any] = {
        "objects": [{"confidence": 0.09}],
        "class-map": {"0": "bolt"},
        "type": "groundtruth/object-detection",
        "human-annotated": rng.choice(["yes", "no"]),
        "creation-date": f"2024-02-{job + 1:02}T04:05:06{rng.choice(['', '.123456'])}",
        "job-name": f"labeling-job/{job}",
    }
    if status is not None:
        metadata["adjustment-status"] = status
    return {"image_size": size, "annotations": [box]}, metadata


@pytest.mark.parametrize("seed", _SEEDS)
def test_the_last_adjustment_of_a_chain_counts(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    length = rng.randint(2, 5)
    attributes = [f"boxes{'-adjusted' * job}" for job in range(length)]
    if rng.random() < 0.5:
        attributes = rng.sample(["boxes", "fixed", "second look", "v3", "Audit-2"], length)
    halves: list[tuple[str, Json]] = []
    for job, name in enumerate(attributes):
        status = rng.choice(["adjusted", "unadjusted"]) if job else None
        value, metadata = adjusted(rng, job, status)
        halves += [(name, value), (f"{name}-metadata", metadata)]
    rng.shuffle(halves)
    manifest = tmp_path / "output.manifest"
    manifest.write_text(json.dumps({"source-ref": "s3://lab/a.jpg", **dict(halves)}))
    (line,), staged = imported(request(ImportFormat.GROUND_TRUTH, manifest))
    assert set(line) == {"source-ref", attributes[-1], f"{attributes[-1]}-metadata"}
    assert [problem.kind for problem in staged.problems] == [ProblemKind.ADJUSTED] * (length - 1)
