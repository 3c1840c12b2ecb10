"""From the name of a backbone to a local folder with its files."""

from __future__ import annotations

from pathlib import Path

from httpx2 import HTTPError, Request
from huggingface_hub import get_session, snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import (  # type: ignore[attr-defined]
    disable_progress_bars,
    validate_repo_id,
)

from lensmith.training.hub import BackboneUnavailableError

WANTED = [
    "config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "model.safetensors",
    "model.safetensors.index.json",
    "model-*-of-*.safetensors",
]
ANSWER_SECONDS = 5.0  # within which the hub has to answer each request


def backbone_folder(name: str) -> Path:
    """The folder itself, or where the files of a hub model are; raises BackboneUnavailableError."""
    if Path(name).is_dir():
        return Path(name)
    repository, _, revision = name.partition("@")
    try:
        validate_repo_id(repository)
    except HFValidationError as error:
        reason = "there is no such folder, and a name on the hub looks like owner/model."
        raise BackboneUnavailableError(name, reason) from error
    return _cached(repository, revision or None) or _downloaded(name, repository, revision or None)


def _cached(repository: str, revision: str | None) -> Path | None:
    try:
        folder = Path(
            snapshot_download(
                repository, revision=revision, allow_patterns=WANTED, local_files_only=True
            )
        )
    except LocalEntryNotFoundError:
        return None
    return folder if any(folder.glob("*.safetensors")) else None


def _downloaded(name: str, repository: str, revision: str | None) -> Path:
    disable_progress_bars()
    asking = get_session().event_hooks["request"]
    if _not_for_ever not in asking:
        asking.append(_not_for_ever)
    try:
        return Path(snapshot_download(repository, revision=revision, allow_patterns=WANTED))
    except (HTTPError, OSError) as error:
        raise BackboneUnavailableError(name, _why_not(error)) from error


def _not_for_ever(request: Request) -> None:
    """The library itself waits without a limit for most answers."""
    request.extensions["timeout"] = dict.fromkeys(
        ("connect", "read", "write", "pool"), ANSWER_SECONDS
    )


def _why_not(error: HTTPError | OSError) -> str:
    cause = error.__cause__ if isinstance(error, LocalEntryNotFoundError) else error
    match cause:
        case OfflineModeIsEnabled():
            return "there is no such folder, the cache lacks it, and HF_HUB_OFFLINE is set."
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
