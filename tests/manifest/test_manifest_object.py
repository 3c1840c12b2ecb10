from __future__ import annotations

import dataclasses

import pytest

from lensmith.config import Quotas
from lensmith.manifest.finding import ManifestFileError
from lensmith.manifest.manifest_object import check_manifest_object

QUOTAS = dataclasses.replace(Quotas(), manifest_bytes=1000)


@pytest.mark.parametrize(
    "key", ["a.manifest", "deep/er/a.json", "a.b.c", "x.y/.manifest", "a.jsonl"]
)
def test_any_extension_passes(key: str) -> None:
    check_manifest_object(key, 1000, QUOTAS)


@pytest.mark.parametrize(
    ("key", "size", "code"),
    [
        ("manifest", 1, "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT"),
        ("v1.0/manifest", 1, "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT"),
        ("manifest.", 1001, "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT"),
        ("a.manifest", 1001, "ERROR_MANIFEST_SIZE_TOO_LARGE"),
        ("a.manifest", 0, "ERROR_EMPTY_MANIFEST"),
    ],
)
def test_objects_that_are_no_manifest(key: str, size: int, code: str) -> None:
    with pytest.raises(ManifestFileError) as caught:
        check_manifest_object(key, size, QUOTAS)

    assert caught.value.code.name == code
