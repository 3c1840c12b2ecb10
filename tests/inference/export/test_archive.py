"""The zip of a model."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest
from tests.support.artefacts import average_colour, fixed_boxes

from lensmith.inference.artefact import ArtefactError
from lensmith.inference.export.archive import archive


def test_equal_models_make_equal_archives(tmp_path: Path) -> None:
    average_colour(tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "two", copy_function=shutil.copyfile)
    first, second = (b"".join(archive(tmp_path / name)) for name in ("one", "two"))
    assert first == second
    with ZipFile(io.BytesIO(first)) as opened:
        for name in ("model.onnx", "model.json"):
            assert opened.read(name) == (tmp_path / "one" / name).read_bytes()


def test_a_large_model_comes_in_parts(tmp_path: Path) -> None:
    average_colour(tmp_path)
    weights = bytes(range(256)) * (20 << 10)  # 5 MiB
    (tmp_path / "model.onnx").write_bytes(weights)
    parts = list(archive(tmp_path))
    assert max(map(len, parts)) < 2 << 20
    with ZipFile(io.BytesIO(b"".join(parts))) as opened:
        assert opened.read("model.onnx") == weights


def test_a_model_that_is_deleted_meanwhile_arrives_whole(tmp_path: Path) -> None:
    average_colour(tmp_path / "model")
    expected = b"".join(archive(tmp_path / "model"))
    parts = archive(tmp_path / "model")
    shutil.rmtree(tmp_path / "model")
    assert b"".join(parts) == expected


def test_the_script_is_the_one_for_the_model(tmp_path: Path) -> None:
    average_colour(tmp_path / "classifier")
    fixed_boxes(tmp_path / "detector", [[0, 0, 1, 1]], [[1]], ("whole",))
    for name, script in (("classifier", "classify.py"), ("detector", "detect.py")):
        with ZipFile(io.BytesIO(b"".join(archive(tmp_path / name)))) as opened:
            assert opened.namelist() == ["model.onnx", "model.json", script]


def test_a_missing_model_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    average_colour(tmp_path)
    (tmp_path / "model.json").unlink()
    with pytest.raises(ArtefactError, match="No such file"):
        archive(tmp_path)
