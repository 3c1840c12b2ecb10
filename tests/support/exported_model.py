"""An exported model as its receiver has it: a folder, Python, and no Lensmith."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

Found = tuple[str, float, tuple[float, ...]]
"""Label, confidence 0..1, left, top, right, bottom (nothing where the model classifies)."""

# Installed here, but not where an exported model goes.
_ABSENT = ("lensmith", "torch", "onnx", "msgspec", "simplejpeg", "scipy", "sklearn", "boto3")
_RUN = f"""
import runpy, sys
sys.path.insert(0, ".")  # as `python classify.py` has it
sys.modules.update(dict.fromkeys({_ABSENT!r}))
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""
_SCRIPTS = {"classification": "classify.py", "detection": "detect.py"}


def unpack(archive: bytes, folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        script = _SCRIPTS[json.loads(opened.read("model.json"))["task"]]
        *network, description, first, second = opened.namelist()
        assert (description, first, second) == ("model.json", script, "picture.py")
        assert network in (["model.onnx"], ["model.xml", "model.bin"])
        opened.extractall(folder)


def found_by_script(folder: Path, pictures: Mapping[str, bytes]) -> dict[str, list[Found]]:
    """What `python classify.py` or `python detect.py` in the folder prints of each picture."""
    (script,) = (one for one in folder.glob("*.py") if one.name != "picture.py")
    for name, data in pictures.items():
        (folder / name).write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-I", "-c", _RUN, script.name, *pictures],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[Found]] = {name: [] for name in pictures}
    for line in done.stdout.splitlines():
        name, label, confidence, *place = line.split("\t")
        found[name].append((label, float(confidence), tuple(map(float, place))))
    return found
