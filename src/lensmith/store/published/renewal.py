"""Wraps the data key of a sealed model again: a folder of its own, because published ones stay."""

from __future__ import annotations

import secrets
import shutil

from lensmith.config import Settings
from lensmith.domain.project_version import ProjectVersion
from lensmith.store.keyring.key_service import key_service
from lensmith.store.published.linking import link_folder
from lensmith.store.published.model import earlier_folder
from lensmith.store.published.opening import published_folders
from lensmith.store.records import artefacts
from lensmith.store.records.engine import Records
from lensmith.store.sealed.folder import DATA_KEY_FILE, is_newest, is_sealed, renew


def renew_model(settings: Settings, records: Records, version: ProjectVersion) -> bool:
    """Wrap a model's data key under its key's newest material; returns whether it was not.

    The folder before is an orphan then. Raises a KmsError, OSError, SealedFileError,
    UnreadableFolderError or ObjectStoreError.
    """
    if version.kms_key_id is None:
        return False
    keys = key_service(settings, records)
    if version.artefact is None:
        earlier = earlier_folder(settings, version)
        return is_sealed(earlier) and renew(earlier, keys)
    folders = published_folders(settings, records)
    if is_newest(folders.read(version.artefact, DATA_KEY_FILE), keys):
        return False
    renewed = settings.copies_directory / f"renewal-{secrets.token_hex(8)}"
    try:
        with folders.using(version.artefact) as model:
            link_folder(model, renewed)
        renew(renewed, keys)
        digest = folders.publish(renewed)
    finally:
        shutil.rmtree(renewed, ignore_errors=True)
    with records.write() as connection:
        return artefacts.replace(connection, version, digest)
