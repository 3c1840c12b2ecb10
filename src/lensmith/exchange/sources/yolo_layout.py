"""Finds the images of a YOLO dataset and their label files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from lensmith.exchange.failure import ExchangeError
from lensmith.exchange.inside import inside, normal_name
from lensmith.exchange.picture_index import PictureIndex, foreign_parts
from lensmith.exchange.sources.source import files_below, read_file
from lensmith.manifest.convert.draft import UnreadableSourceError
from lensmith.manifest.convert.yolo import class_names, keypoint_numbers

_CONFIGURATIONS = ("data.yaml", "data.yml", "dataset.yaml")
_SPLITS = ("train", "test", "val", "valid")
_DARKNET = "_darknet.labels"  # Roboflow's name of the list, in each split
_NAME_LISTS = ("classes.txt", "obj.names", "labels/classes.txt")
_NO_LABELS = frozenset(
    {"classes.txt", "train.txt", "valid.txt", "val.txt", "test.txt", "notes.txt"}
    | {"README.txt", "README.dataset.txt", "README.roboflow.txt"}
)


@dataclass(frozen=True)
class YoloLayout:
    root: Path
    names: dict[int, str]
    parts: tuple[str, ...]  # folders of images, or lists of images (.txt), below the root
    keypoints: int | None = None  # numbers of a line that follow its box; None: not said

    def images(self) -> Iterator[str]:
        """Yield files of the parts below the root, images or not, in order.

        Raises ExchangeError when a part is missing or leads out of the root.
        """
        for part in self.parts:
            path = inside(self.root, part) if part else self.root
            if path is None or not path.exists():
                raise ExchangeError(
                    f"{self.root / part} is not there or not below {self.root}. "
                    "Put the images below the folder of data.yaml and name them from there."
                )
            if path.is_file():
                yield from _listed(path)
            else:
                folder = self.root / part
                yield from (file.relative_to(self.root).as_posix() for file in files_below(folder))

    def is_outside(self, image: str) -> bool:
        """Return whether the usual place of an image's label file leads out of the root."""
        return inside(self.root, _usual_labels(image)) is None

    def labels_of(self, image: str) -> Path | None:
        """Find an image's label file: in `labels` for the last `images` in its path, or beside it,
        or else the only one of that name."""
        usual = inside(self.root, _usual_labels(image))
        if usual is not None and usual.is_file():
            return usual
        named = [one for one in self._labels.find(image) if _is_label_of(one, image)]
        return inside(self.root, named[0]) if len(named) == 1 else None

    def label_files(self) -> Iterator[str]:
        """Yield the label files of the parts, without their images."""
        folders = {
            _usual_labels(f"{part}/x.jpg".lstrip("/")).rpartition("/")[0] for part in self.parts
        }
        wanted = [folder for folder in folders if (self.root / folder).is_dir()] or [""]
        for name in self._text_files:
            if any(not folder or name.startswith(f"{folder}/") for folder in wanted):
                yield name

    @cached_property
    def _labels(self) -> PictureIndex:
        return PictureIndex(self._text_files)

    @cached_property
    def _text_files(self) -> list[str]:
        listed = {*_NAME_LISTS, *self.parts}
        found = (file.relative_to(self.root).as_posix() for file in files_below(self.root))
        return [
            name
            for name in found
            if name.endswith(".txt") and name not in listed and Path(name).name not in _NO_LABELS
        ]


def _usual_labels(image: str) -> str:
    *folders, name = image.split("/")
    for place in reversed(range(len(folders))):
        if folders[place] == "images":
            folders[place] = "labels"
            break
    return "/".join([*folders, f"{Path(name).stem}.txt"])


def _is_label_of(labels: str, image: str) -> bool:
    return Path(labels).stem == Path(image).stem


def read_layout(source: Path, split: str) -> YoloLayout:
    """Read the layout from `data.yaml`, or else from a list of class names.

    Raises ExchangeError or UnreadableSourceError when neither describes it.
    """
    configuration = _configuration(source)
    if configuration is not None:
        return _configured(configuration, split)
    names, part = _first(source, _NAME_LISTS), ""
    if names is None:
        names, part = _first(source / split, (_DARKNET,)), split
    if names is None:
        raise ExchangeError(
            f"{source} has neither data.yaml nor classes.txt: classes need names. "
            "Folders that are named after labels are of the format `folders`."
        )
    listed = read_file(names).decode("utf-8-sig", errors="replace").splitlines()
    return YoloLayout(
        source, class_names([name.strip() for name in listed if name.strip()]), (part,)
    )


def _configuration(source: Path) -> Path | None:
    """Return the source, or in a folder the usual file, or the only one of YAML."""
    if source.is_file():
        return source
    found = sorted(path for path in source.glob("*.y*ml") if path.is_file())
    return _first(source, _CONFIGURATIONS) or (found[0] if len(found) == 1 else None)


def splits_of(source: Path) -> list[str]:
    """Return the splits that `data.yaml` gives and whose images are there.

    A split that names the images of an earlier one is left out. Raises as `read_layout`.
    """
    found: list[str] = []
    seen: set[tuple[str, ...]] = set()
    for split in _SPLITS:
        if _configuration(source) is None and not (source / split / _DARKNET).is_file():
            continue
        try:
            layout = read_layout(source, split)
        except ExchangeError:
            continue
        if layout.parts not in seen and all(_is_below(layout.root, part) for part in layout.parts):
            found.append(split)
            seen.add(layout.parts)
    return found


def _configured(file: Path, split: str) -> YoloLayout:
    try:
        # Every scalar stays a string: a class may be called `no` or `007`. Tags make no objects.
        configuration = yaml.load(read_file(file), Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UnreadableSourceError(f"{file} is not YAML: {error}") from error
    if not isinstance(configuration, dict) or "names" not in configuration:
        raise UnreadableSourceError(f"{file} does not give `names` of the classes")
    given = configuration.get(split)
    if not given:
        raise ExchangeError(f"{file} has no split {split!r}; choose one with --split.")
    parts = given if isinstance(given, list) else [given]
    if not all(isinstance(part, str) for part in parts):
        raise UnreadableSourceError(f"{file}: the split {split!r} is not a path or a list of paths")
    prefix = _prefix(file.parent, configuration.get("path"))
    return YoloLayout(
        file.parent,
        class_names(configuration["names"]),
        tuple(_part(file.parent, prefix, part) for part in parts),
        keypoint_numbers(configuration.get("kpt_shape")),
    )


def _prefix(root: Path, path: Any) -> str:
    """Return `path` if it leads below the root; absolute paths of other machines mean the root."""
    name = normal_name(path).strip("/") if isinstance(path, str) else ""
    return f"{name}/" if name not in {"", "."} and inside(root, name) is not None else ""


def _part(root: Path, prefix: str, part: str) -> str:
    """Find a part below the root.

    `../train/images`, as some exporters write it, and absolute paths of other machines mean the
    longest end of them that is there.
    """
    name = normal_name(part.replace("\\", "/"))
    if prefix and (root / f"{prefix}{name}").exists():
        return f"{prefix}{name}"
    while name.startswith("../"):
        name = name.removeprefix("../")
    parts = foreign_parts(name)
    ends = ("/".join(parts[start:]) for start in range(len(parts)))
    there = next((end for end in ends if _is_below(root, end)), name)
    return "" if there == "." else there


def _is_below(root: Path, name: str) -> bool:
    path = inside(root, name) if name else root
    return path is not None and path.exists()


def _listed(file: Path) -> Iterator[str]:
    for line in read_file(file).decode("utf-8-sig", errors="replace").splitlines():
        if line.strip():
            yield normal_name(line.strip().replace("\\", "/"))


def _first(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)
