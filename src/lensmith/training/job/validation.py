"""Validates manifests and images, and writes the verdict (manifests.md 3, 5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from lensmith.domain.job import Progress
from lensmith.domain.project_version import ResultFile
from lensmith.domain.training_phase import TrainingPhase
from lensmith.manifest.line.entry import bucket_of
from lensmith.manifest.line.validate import CheckedLine, LineStatus
from lensmith.manifest.training.checked import ImageFaults, check_lines
from lensmith.manifest.training.verdict import Part, Verdict, judge
from lensmith.training.job.attempt import Attempt
from lensmith.training.job.images import CopiedImages, Fault, bucket_owner, copy_images
from lensmith.training.job.manifests import ManifestFile, Manifests

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def validate(attempt: Attempt, manifests: Manifests) -> tuple[Verdict, CopiedImages]:
    """Check every line and every image once, and judge the datasets.

    Raises ManifestFileError (manifests.md 3.2) and ObjectStoreError.
    """
    attempt.on_progress(Progress(TrainingPhase.MANIFESTS))
    quotas = attempt.settings.quotas
    training = check_lines(manifests.training.lines(), quotas)
    testing = check_lines(manifests.testing.lines(), quotas) if manifests.testing else None
    attempt.results.probe()
    images = _copy(attempt, [*training, *(testing or ())])
    verdict = judge(
        training,
        testing,
        _image_faults(attempt.objects, training, manifests.training, images),
        _image_faults(attempt.objects, testing or (), manifests.testing, images),
        quotas,
        scenes=images.scenes,
    )
    return verdict, images


def write_validation(attempt: Attempt, verdict: Verdict, manifests: Manifests) -> None:
    """Write the manifest summary and the validation manifests (manifests.md 5)."""
    summary = msgspec.json.encode(verdict.summary())
    attempt.results.write(ResultFile.MANIFEST_SUMMARY, [summary])
    testing_source = manifests.testing or manifests.training
    _write_part(attempt, ResultFile.TRAINING_VALIDATION, verdict.training, manifests.training)
    if verdict.testing is not None:
        _write_part(attempt, ResultFile.TESTING_VALIDATION, verdict.testing, testing_source)


def _copy(attempt: Attempt, lines: Sequence[CheckedLine]) -> CopiedImages:
    source_refs = list(_source_refs(lines))

    def on_progress(done: int) -> None:
        attempt.on_progress(Progress(TrainingPhase.IMAGES, done, len(source_refs)))

    return copy_images(attempt.objects, source_refs, attempt.workspace.images, on_progress)


def _source_refs(lines: Iterable[CheckedLine]) -> Iterator[str]:
    """List the images of valid lines; others are not read."""
    for line in lines:
        if line.status is LineStatus.VALID and line.source_ref is not None:
            yield line.source_ref


def _image_faults(
    client: S3Client,
    lines: Sequence[CheckedLine],
    manifest: ManifestFile | None,
    images: CopiedImages,
) -> ImageFaults:
    source_refs = list(_source_refs(lines))
    none_readable = images.none_readable(source_refs)
    other_owner = _has_other_owner(client, source_refs, manifest)
    if none_readable is not None:  # the bucket is at fault, not one line after the other
        denied = none_readable is Fault.FORBIDDEN
        return ImageFaults(frozenset(), denied, other_owner, none_read=not denied)
    invalid = frozenset(
        index for index, line in enumerate(lines) if line.source_ref in images.faults
    )
    return ImageFaults(invalid, bucket_of_other_owner=other_owner)


def _has_other_owner(
    client: S3Client, source_refs: Sequence[str], manifest: ManifestFile | None
) -> bool:
    """Return whether images and manifest have different owners, if both are known."""
    if manifest is None or manifest.bucket is None or not source_refs:
        return False
    bucket = bucket_of(source_refs[0])
    if bucket == manifest.bucket:
        return False
    owners = {bucket_owner(client, bucket), bucket_owner(client, manifest.bucket)}
    return None not in owners and len(owners) > 1


def _write_part(attempt: Attempt, file: ResultFile, part: Part, source: ManifestFile) -> None:
    lines = (line + b"\n" for line in part.validation_manifest(source.lines()))
    attempt.results.write(file, lines)
