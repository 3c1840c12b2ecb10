"""Manifest file errors at training (manifests.md 3.2)."""

from __future__ import annotations

import dataclasses

import pytest
from tests.manifest.lines import encoded, image_line

from lensmith.config import Quotas
from lensmith.manifest.line.finding import ManifestFileError
from lensmith.manifest.line.validate import LineStatus
from lensmith.manifest.training.checked import check_lines


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ([], "The manifest file is empty."),
        ([b"", b" \t"], "The manifest file is empty."),
        ([b"", b"x"], "The manifest file extension or contents are invalid."),
        ([encoded(image_line())] * 4, "The manifest file has too many rows."),
    ],
)
def test_manifest_file_errors(manifest: list[bytes], message: str) -> None:
    with pytest.raises(ManifestFileError) as caught:
        check_lines(manifest, dataclasses.replace(Quotas(), dataset_entries=3))

    assert caught.value.message == message


def test_every_line_is_counted() -> None:
    checked = check_lines(
        [b"", b"{}", encoded(image_line()), b'{"source-ref":"s3://b/k"}'], Quotas()
    )

    assert [line.status for line in checked] == [
        LineStatus.INVALID,
        LineStatus.INVALID,
        LineStatus.VALID,
        LineStatus.IGNORED,
    ]
