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

from lensmith.training.hub.errors import BackboneUnavailableError

DESCRIPTION = "config.json"
WANTED = [
    DESCRIPTION,
    "preprocessor_config.json",
    "processor_config.json",
    "model.safetensors",
    "model.safetensors.index.json",
    "model-*-of-*.safetensors",
]
ANSWER_SECONDS = 5.0  # timeout of each request to the hub


def description_folder(name: str) -> Path:
    """Folder with at least `config.json`, which names the type of the model.

    Weights of a type that the training cannot use are not downloaded. Raises
    BackboneUnavailableError.
    """
    return _folder(name, [DESCRIPTION], DESCRIPTION)


def backbone_folder(name: str) -> Path:
    """Folder with all files of the model; raises BackboneUnavailableError."""
    return _folder(name, WANTED, "*.safetensors")


def _folder(name: str, wanted: list[str], needed: str) -> Path:
    """`needed` is the pattern without which the local cache is not enough."""
    if Path(name).is_dir():
        return Path(name)
    repository, _, revision = name.partition("@")
    try:
        validate_repo_id(repository)
    except HFValidationError as error:
        reason = "there is no such folder, and a name on the hub looks like owner/model."
        raise BackboneUnavailableError(name, reason) from error
    of_revision = revision or None
    cached = _cached(repository, of_revision, wanted)
    if cached is not None and any(cached.glob(needed)):
        return cached
    return _downloaded(name, repository, of_revision, wanted)


def _cached(repository: str, revision: str | None, wanted: list[str]) -> Path | None:
    try:
        return Path(
            snapshot_download(
                repository, revision=revision, allow_patterns=wanted, local_files_only=True
            )
        )
    except LocalEntryNotFoundError:
        return None


def _downloaded(name: str, repository: str, revision: str | None, wanted: list[str]) -> Path:
    if is_offline_mode():
        reason = "there is no such folder, the cache lacks it, and HF_HUB_OFFLINE is set."
        raise BackboneUnavailableError(name, reason)
    disable_progress_bars()
    set_client_factory(_impatient_client)
    try:
        # One file after the other: where one fails, the library closes what all share.
        return Path(
            snapshot_download(repository, revision=revision, allow_patterns=wanted, max_workers=1)
        )
    except (HTTPError, OSError) as error:
        raise BackboneUnavailableError(name, _why_not(error)) from error


def _impatient_client() -> Client:
    return Client(follow_redirects=True, event_hooks={"request": [_limit_wait]})


def _limit_wait(request: Request) -> None:
    """Set a timeout over that of the library, which waits for most responses without a limit."""
    request.extensions["timeout"] = dict.fromkeys(
        ("connect", "read", "write", "pool"), ANSWER_SECONDS
    )


def _why_not(error: HTTPError | OSError) -> str:
    cause = error.__cause__ if isinstance(error, LocalEntryNotFoundError) else error
    match cause:
        case GatedRepoError():
            return "its owner asks for a licence to be accepted on the hub, and for HF_TOKEN."
        case RepositoryNotFoundError():
            return "there is no such folder, and the hub knows no such model."
        case RevisionNotFoundError():
            return "the hub knows the model and not this revision."
        case HfHubHTTPError():
            return f"the hub answered with the status {cause.response.status_code}."
        case HTTPError():
            return "there is no such folder, the cache lacks it, and the hub cannot be reached."
    return f"its files could not be fetched ({type(error).__name__})."
