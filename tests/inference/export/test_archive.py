"""The zip of a model."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image
from tests.support.artefacts import average_colour, convolved_colour, fixed_boxes, with_int8

from lensmith.domain.precision import ExportFormat
from lensmith.inference.artefact import Artefact, ArtefactError
from lensmith.inference.export.archive import FormatMissingError, archive
from lensmith.inference.predictor import Predictor


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
            assert opened.namelist() == ["model.onnx", "model.json", script, "picture.py"]


def test_a_missing_model_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    average_colour(tmp_path)
    (tmp_path / "model.json").unlink()
    with pytest.raises(ArtefactError, match="No such file"):
        archive(tmp_path)


def test_int8_comes_with_its_own_thresholds(tmp_path: Path) -> None:
    convolved_colour(tmp_path)
    with pytest.raises(FormatMissingError, match="without int8"):
        archive(tmp_path, ExportFormat.INT8)
    artefact = with_int8(tmp_path, (0.1, 0.2, 0.3))
    with ZipFile(io.BytesIO(b"".join(archive(tmp_path, ExportFormat.INT8)))) as opened:
        assert opened.namelist() == ["model.onnx", "model.json", "classify.py", "picture.py"]
        assert opened.read("model.onnx") == (tmp_path / "model-int8.onnx").read_bytes()
        opened.extractall(tmp_path / "unpacked")
    exported = Artefact.read(tmp_path / "unpacked")
    assert (exported.thresholds, exported.variants) == ((0.1, 0.2, 0.3), ())
    noise = np.random.default_rng(3).integers(0, 256, (90, 120, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    (expected,) = artefact.variants[1:]
    served = Predictor.of_variant(tmp_path, artefact, expected).predict(file.getvalue())
    assert Predictor.open(tmp_path / "unpacked").predict(file.getvalue()) == served
