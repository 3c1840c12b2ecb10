"""Finds or downloads the files of a model by name."""

from __future__ import annotations

from pathlib import Path

from httpx2 import Client, HTTPError, Request
from huggingface_hub import is_offline_mode, set_client_factory, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import (  # type: ignore[attr-defined]
    disable_progress_bars,
    validate_repo_id,
)

from lensmith.domain.training_report import Skipped, SkipReason
from lensmith.training.hub.errors import BackboneUnavailableError
from lensmith.training.hub.source import USUAL_SOURCE, HubSource

DESCRIPTION = "config.json"
WANTED = [
    DESCRIPTION,
    "preprocessor_config.json",
    "processor_config.json",
    "model.safetensors",
    "model.safetensors.index.json",
    "model-*-of-*.safetensors",
]


def description_folder(name: str, source: HubSource = USUAL_SOURCE) -> Path:
    """Find the folder with at least `config.json`, which names the type of the model.

    Weights of a type that the training cannot use are not downloaded. Raises
    BackboneUnavailableError.
    """
    return _folder(name, [DESCRIPTION], DESCRIPTION, source)


def backbone_folder(name: str, source: HubSource = USUAL_SOURCE) -> Path:
    """Find the folder with all files of the model; raises BackboneUnavailableError."""
    return _folder(name, WANTED, "*.safetensors", source)


def _folder(name: str, wanted: list[str], needed: str, source: HubSource) -> Path:
    """Find a folder; `needed` is the pattern without which the local cache is not enough."""
    if Path(name).is_dir():
        return Path(name)
    repository, _, revision = name.partition("@")
    try:
        validate_repo_id(repository)
    except HFValidationError as error:
        why = Skipped(SkipReason.NO_SUCH_FOLDER)
        raise BackboneUnavailableError(name, why) from error
    of_revision = revision or None
    cached = _cached(repository, of_revision, wanted, source)
    if cached is not None and any(cached.glob(needed)):
        return cached
    if is_offline_mode() if source.offline is None else source.offline:
        raise BackboneUnavailableError(name, Skipped(SkipReason.OFFLINE))
    try:
        return _downloaded(repository, of_revision, wanted, source)
    except (HTTPError, OSError) as error:
        raise BackboneUnavailableError(name, _skipped(error)) from error


def _cached(
    repository: str, revision: str | None, wanted: list[str], source: HubSource
) -> Path | None:
    try:
        return Path(
            snapshot_download(
                repository,
                revision=revision,
                cache_dir=source.cache,
                allow_patterns=wanted,
                local_files_only=True,
            )
        )
    except LocalEntryNotFoundError:
        return None


def _downloaded(
    repository: str, revision: str | None, wanted: list[str], source: HubSource
) -> Path:
    """Raises HTTPError and OSError."""
    disable_progress_bars()
    set_client_factory(lambda: _client(source.timeout))
    # One file after the other: where one fails, the library closes what all share.
    return Path(
        snapshot_download(
            repository,
            revision=revision,
            cache_dir=source.cache,
            allow_patterns=wanted,
            max_workers=1,
            endpoint=source.endpoint,
        )
    )


def _client(timeout: float) -> Client:
    """Set the timeout over that of the library, which waits for most responses without a limit."""

    def limit_wait(request: Request) -> None:
        parts = ("connect", "read", "write", "pool")
        request.extensions["timeout"] = dict.fromkeys(parts, timeout)

    return Client(follow_redirects=True, event_hooks={"request": [limit_wait]})


def _skipped(error: HTTPError | OSError) -> Skipped:
    cause = error.__cause__ if isinstance(error, LocalEntryNotFoundError) else error
    match cause:
        case GatedRepoError():
            return Skipped(SkipReason.GATED)
        case RepositoryNotFoundError():
            return Skipped(SkipReason.NOT_ON_THE_HUB)
        case RevisionNotFoundError():
            return Skipped(SkipReason.NO_SUCH_REVISION)
        case HfHubHTTPError():
            return Skipped(SkipReason.HUB_STATUS, number=cause.response.status_code)
        case HTTPError():
            return Skipped(SkipReason.UNREACHABLE)
    return Skipped(SkipReason.DOWNLOAD, detail=type(error).__name__)
