"""What the build left: sizes, and types that follow botocore's model (acceptance 59, 66)."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from pathlib import Path

import lensmith

REPOSITORY = Path(__file__).resolve().parents[2]
BUILT = Path(lensmith.__file__).parent / "console"
ENTRY_LIMIT = 200_000  # bytes, gzip: the script and all that is loaded with it


def test_66_the_entry_script_is_small() -> None:
    page = (BUILT / "index.html").read_text()
    scripts = re.findall(r'(?:src|href)="/(assets/[^"]+\.js)"', page)
    assert scripts
    sizes = {name: len(gzip.compress((BUILT / name).read_bytes(), 6)) for name in scripts}
    assert sum(sizes.values()) <= ENTRY_LIMIT, sizes


def test_59_the_page_holds_no_inline_script_or_style() -> None:
    page = (BUILT / "index.html").read_text()
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))
    assert "<style" not in page
    assert "style=" not in page
    assert not re.search(r"\son[a-z]+=", page)


def test_the_types_of_the_api_follow_the_service_model() -> None:
    script = REPOSITORY / "console" / "scripts" / "rekognition_types.py"
    checked = subprocess.run(
        [sys.executable, str(script), "--check"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
